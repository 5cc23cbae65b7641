from django.urls import path

from pos.api.approvals import ApprovalOverrideView, ApprovalsView
from pos.api.events import PosEventsView
from pos.api.webhooks import PosWebhookView
from pos.views import peers, tickets, try_till

urlpatterns = [
    path("peers/", peers.peers, name="peers"),
    path("peers/again/", peers.again, name="peers-again"),
    path("tickets/", tickets.tickets, name="tickets"),
    path("tickets/<slug:store_code>/", tickets.ticket, name="ticket"),
    path("till/", try_till.page, name="try-till"),
    path("till/read/", try_till.read, name="try-till-read"),
    path("till/<str:store_code>/events/", try_till.send, name="try-till-send"),
]

api_urlpatterns = [
    path("pos/events", PosEventsView.as_view(), name="api-pos-events"),
    path("pos/webhooks/<token>", PosWebhookView.as_view(), name="api-pos-webhook"),
    path("pos/approvals", ApprovalsView.as_view(), name="api-pos-approvals"),
    path("pos/approvals/<uuid:approval_id>/override", ApprovalOverrideView.as_view(), name="api-pos-approval-override"),
]

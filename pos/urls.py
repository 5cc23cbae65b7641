from django.urls import path

from pos.api.approvals import ApprovalOverrideView, ApprovalsView
from pos.api.events import PosEventsView
from pos.views import tickets

urlpatterns = [
    path("tickets/", tickets.tickets, name="tickets"),
    path("tickets/<slug:store_code>/", tickets.ticket, name="ticket"),
]
api_urlpatterns = [
    path("pos/events", PosEventsView.as_view(), name="api-pos-events"),
    path("pos/approvals", ApprovalsView.as_view(), name="api-pos-approvals"),
    path("pos/approvals/<uuid:approval_id>/override", ApprovalOverrideView.as_view(), name="api-pos-approval-override"),
]

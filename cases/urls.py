"""The pages of this app; `api_urlpatterns` is its part of the HTTP API."""

from django.contrib.auth import views as auth_views
from django.urls import path

from cases import api
from cases.views import audit, case, media, queue

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("queue/margin/", queue.margin, name="queue-margin"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/card/", queue.card, name="case-card"),
    path("cases/<uuid:case_id>/panel/", case.panel, name="case-panel"),
    path("cases/<uuid:case_id>/decide/", case.decide, name="case-decide"),
    path("cases/<uuid:case_id>/clip", media.clip, name="clip"),
    path("cases/<uuid:case_id>/key-frames/<int:position>", media.key_frame, name="key-frame"),
    path("audit/", audit.audit, name="audit"),
    path("audit/mine/", audit.audit_mine, name="audit-mine"),
    path("login/", auth_views.LoginView.as_view(next_page="queue", redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(next_page="login"), name="logout"),
]

api_urlpatterns = [
    path("lanes", api.LaneList.as_view(), name="api-lanes"),
    path("discrepancies", api.DiscrepancyList.as_view(), name="api-discrepancies"),
    path("cases", api.CaseList.as_view(), name="api-cases"),
    path("cases/<uuid:case_id>", api.CaseDetail.as_view(), name="api-case"),
    path("cases/<uuid:case_id>/decision", api.CaseDecision.as_view(), name="api-case-decision"),
    path("cases/<uuid:case_id>/clip", api.CaseClip.as_view(), name="api-case-clip"),
    path("cases/<uuid:case_id>/key_frames/<int:position>", api.CaseKeyFrame.as_view(), name="api-case-key-frame"),
]

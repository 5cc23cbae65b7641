"""The list of what runs: read only, since only the processes themselves know."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from edge.models import Node
from edge.selectors import node_is_silent
from lanes.admin.scoped import NeverEdited


@admin.register(Node)
class NodeAdmin(NeverEdited, admin.ModelAdmin):
    list_display = ("role", "host", "pid", "alive", "started_at", "seen_at", "load", "disk_free")
    list_filter = ("role", "host")
    search_fields = ("host", "role")

    @admin.display(boolean=True)
    def alive(self, node: Node) -> bool:
        return not node_is_silent(node, now=timezone.now())

    @admin.display(description="load per processor")
    def load(self, node: Node) -> str:
        if "load" not in node.facts:
            return ""
        return f"{node.facts['load'] / node.facts.get('cpus', 1):.2f}"

    @admin.display(description="disk free")
    def disk_free(self, node: Node) -> str:
        return filesizeformat(node.facts["disk_free"]) if "disk_free" in node.facts else ""

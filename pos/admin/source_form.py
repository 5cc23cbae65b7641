"""What an installer says of a till's source, and what is wrong with it."""

from typing import Any

from django import forms

from lanes.domain.codes import CODE, CODE_RULE
from lanes.domain.sources import HIDDEN
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import OptionsRefused, config_read, options_known
from pos.domain.senders import networks_read
from pos.models import PosSource
from pos.services.patterns import pattern_endless, patterns_told

Door = PosSource.Door
NEEDED = {
    Door.TCP_LISTEN: ("port",),
    Door.TCP_CONNECT: ("host", "port"),
    Door.UDP: ("port",),
    Door.SERIAL: ("device", "baud"),
    Door.MQTT: ("host", "port", "topic"),
    Door.FOLDER: ("folder",),
}
ALONE = {Door.TCP_LISTEN: ("host", "port"), Door.UDP: ("host", "port"), Door.SERIAL: ("device",)}
"""What only one source that is switched on can have."""
TEXT = "receipt_text"


def options_checked(kind: str, options: Any) -> None:
    """Raises OptionsRefused for options that the adapter cannot use, or that it would never come to an end with."""
    config_read(kind, options)
    endless = pattern_endless(patterns_told(options))
    if endless is not None:
        raise OptionsRefused(
            [f"patterns: {endless!r} takes seconds over a long line: put no repetition inside a repetition."]
        )


class SourceForm(forms.ModelForm):
    adapter = forms.ChoiceField(
        choices=[(kind, f"{adapter.title} ({kind})") for kind, adapter in sorted(ADAPTERS.items())],
        initial=TEXT,
        help_text="What comes: receipts as a printer hears them, or documents.",
    )

    class Meta:
        model = PosSource
        fields = [
            "store", "name", "terminal", "door", "enabled", "host", "port", "allowed", "quiet_s", "device", "baud",
            "parity", "topic", "username", "password", "tls", "folder", "adapter", "options",
        ]  # fmt: skip
        widgets = {"options": forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})}
        help_texts = {
            "terminal": "The till behind this door. Receipts as text name none, so they need it.",
            "host": "Where we connect to (TCP, MQTT), or the address of this server to listen on: empty for all.",
            "port": "1 to 65535. Below 1024 only where the system lets this server's user have it. MQTT: 1883 or 8883.",
            "allowed": "Addresses or networks such as 192.168.4.17 or 192.168.4.0/24, with commas. Empty: this machine "
            "and private networks. What a till sends is plain text: let it come over no other.",
            "quiet_s": "A receipt that no mask and no cut ends is over when nothing has come for so many seconds.",
            "device": "For example /dev/ttyUSB0. The user that this server runs as must be let in (group dialout).",
            "topic": "For example store/till/4/receipt; + and # stand for any part. Each message is whole in itself.",
            "password": f"A password is shown as {HIDDEN}; leave it so to keep it.",
            "folder": "A name; the folder is DATA_DIR/pos_inbox/STORE/NAME on the server. What was read goes to done/, "
            "what could not be to failed/ with a text that says why.",
            "options": 'JSON, for example {"code_page": "cp858", "stop_masks": ["&lt;ETX&gt;"]}. Control characters '
            "are written as the preview shows them.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_password = self.instance.password
        if self.stored_password:
            self.initial["password"] = HIDDEN
        if "terminal" in self.fields:  # not where the page is only to be read
            terminals = self.fields["terminal"].queryset  # type: ignore[attr-defined]  # a choice of models
            self.fields["terminal"].queryset = terminals.select_related("lane__store")  # type: ignore[attr-defined]

    def clean_password(self) -> str:
        told = self.cleaned_data["password"]
        if told != HIDDEN:
            return told
        if any(name in self.changed_data for name in ("host", "port")):
            raise forms.ValidationError(f"Write the password instead of {HIDDEN}: the address has changed.")
        return self.stored_password

    def clean_allowed(self) -> str:
        try:
            networks_read(self.cleaned_data["allowed"])
        except ValueError as error:
            raise forms.ValidationError(f"{error}.") from None
        return self.cleaned_data["allowed"]

    def clean_folder(self) -> str:
        name = self.cleaned_data["folder"]
        if name and not CODE.fullmatch(name):
            raise forms.ValidationError(f"Not a name of a folder: {CODE_RULE}.")
        return name

    def clean_options(self) -> Any:
        return self.cleaned_data["options"] or {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        for name in NEEDED.get(said.get("door", ""), ()):
            if name in said and not said[name]:
                self.add_error(name, "This door needs it.")
        if said.get("adapter") == TEXT and not said.get("terminal") and "terminal" in said:
            self.add_error("terminal", "Receipts as text name no till: choose the one behind this door.")
        store = said.get("store") or (self.instance.store if self.instance.store_id else None)
        if said.get("terminal") and store and said["terminal"].store_id != store.pk:
            self.add_error("terminal", f"It is not a till of store {store.code}.")
        self._clean_options()
        self._clean_place()
        return cleaned

    def _clean_options(self) -> None:
        if "options" not in self.cleaned_data or "adapter" not in self.cleaned_data:
            return
        try:
            options_checked(self.cleaned_data["adapter"], self.cleaned_data["options"])
        except OptionsRefused as refused:
            self.add_error("options", refused.sentences)

    def _clean_place(self) -> None:
        said = self.cleaned_data
        names = ALONE.get(said.get("door", ""), ())
        if not names or not said.get("enabled") or any(name not in said for name in names):
            return
        same = {name: said[name] for name in names}
        others = PosSource.objects.filter(door=said["door"], enabled=True, **same).exclude(pk=self.instance.pk)
        if others.exists():
            self.add_error(names[-1], "Another source that is switched on has it already: choose another.")


def options_shown(kind: str) -> str:
    """The options of an adapter, for the page on which they are tried."""
    return ", ".join(options_known(kind))

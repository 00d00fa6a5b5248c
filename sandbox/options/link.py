"""Links that are shown with each run."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from sandbox.advice import advising
from sandbox.options import checks

_PLACE = re.compile(r"\{([^{}]*)\}")
LINK_PLACES = ("run_id", "template", "name")


@advising
@dataclass(frozen=True)
class Link:
    """A link: `Link("logs", "https://logs.example/?run={run_id}")`.

    Raises:
        TypeError: a field is no text.
        ValueError: the url is no http address, or names a place that is not known.
    """

    name: str
    url: str
    """May hold `{run_id}`, `{template}` and `{name}`, which is the short name."""

    def __post_init__(self) -> None:
        checks.text("Link.name", self.name)
        checks.text("Link.url", self.url, longest=4_000)
        if not self.url.startswith(("http://", "https://")):
            message = f"Link.url must begin with http:// or https://, not {self.url!r}"
            raise ValueError(message)
        unknown = [place for place in _PLACE.findall(self.url) if place not in LINK_PLACES]
        if unknown:
            known = ", ".join(f"{{{place}}}" for place in LINK_PLACES)
            message = f"Link.url must name only the places {known}, not {{{unknown[0]}}}"
            raise ValueError(message)

    def filled(self, **places: str) -> "Link":
        """Return the link with its places filled, as parts of an address are written."""
        return Link(self.name, _PLACE.sub(lambda match: quote(places[match[1]], safe=""), self.url))

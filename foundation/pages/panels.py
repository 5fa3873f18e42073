"""What an app shows of itself on the home page: a template and what it needs, ready to be read by this viewer."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Panel:
    """One card. Each app's `panels.panel(viewer, *, at)` gives one, or None when the viewer has nothing there.

    `template` draws a whole card with its heading (an `h2`) and reads `panel.context` as `panel`. `is_own` says that
    it holds the viewer's own figures: a person without any, who leads people, is shown the team first.
    """

    template: str
    context: Mapping = field(default_factory=dict)
    is_own: bool = False

"""All scripts in the order in which they are tried, and the list of prompts that the demo proposes."""

from sessions_app.demo_model.scripts import Script, Try
from sessions_app.demo_model.scripts.dialogue import DIALOGUE
from sessions_app.demo_model.scripts.faults import FAULTS
from sessions_app.demo_model.scripts.story import STORY
from sessions_app.demo_model.scripts.tempo import TEMPO
from sessions_app.demo_model.scripts.texts import TEXTS
from sessions_app.demo_model.scripts.tools import TOOLS

__all__ = ["CATALOGUE", "DEFAULT_SCRIPTS", "Script", "Try"]

# What asks for one effect in so many words comes before the story, whose words are everyday ones.
DEFAULT_SCRIPTS: tuple[Script, ...] = (*TEMPO, *FAULTS, *DIALOGUE, *TOOLS, *TEXTS, *STORY)

# The story comes first here: it is what a newcomer should try first. Last is what is meant for those who test.
CATALOGUE: tuple[Try, ...] = tuple(
    proposal
    for scripts in (reversed(STORY), DIALOGUE, reversed(TOOLS), reversed(TEXTS), TEMPO, FAULTS)
    for script in scripts
    for proposal in script.tries
)

"""The pages that users read, taken apart: fenced blocks, links and headings."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

_FENCE = re.compile(r"^```(\w*)$")
_FILE = re.compile(r"# ([\w-]+\.(?:py|toml))\n")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`]*`")


class Block(NamedTuple):
    """A fenced block: where it begins, its language, the heading it stands under, and its text."""

    page: Path
    line: int
    language: str
    heading: str
    text: str

    @property
    def file(self) -> str | None:
        """The name of the file that it is, where its first line says one: `# my_bot.py`."""
        named = _FILE.match(self.text)
        return named and named[1]

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


class Page(NamedTuple):
    """A page: its blocks, the targets of its links, and its headings."""

    path: Path
    blocks: list[Block]
    links: list[str]
    headings: list[str]


def read(path: Path) -> Page:
    """Take a page apart."""
    page = Page(path, [], [], [])
    block: list[str] = []
    opened: tuple[int, str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is not None:
            if fence is None:
                block.append(line)
                continue
            heading = page.headings[-1] if page.headings else ""
            page.blocks.append(Block(path, *opened, heading, "\n".join(block) + "\n"))
            opened, block = None, []
        elif fence is not None:
            opened = (number, fence[1])
        elif line.startswith("#"):
            page.headings.append(line.lstrip("#").strip())
        else:
            page.links.extend(_LINK.findall(_CODE.sub("", line)))
    assert opened is None, f"{path}: a block is not closed"
    return page


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def blocks(language: str) -> list[Block]:
    """Return the blocks of a language on all pages."""
    return [block for path in PAGES for block in read(path).blocks if block.language == language]


def example(page: str, heading: str) -> Block:
    """Return the Python under a heading."""
    return next(block for block in blocks("python") if block.page.name == page and block.heading == heading)

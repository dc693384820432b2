"""YAML that is read strictly: a key that stands twice is refused, where YAML would let the second win in silence."""

from pathlib import Path
from typing import Any

import yaml


class UnreadableYaml(Exception):
    """A file cannot be read, or is not YAML; the text says why, and in which line, without the file's name."""


def read_yaml(path: Path) -> Any:
    """What a file says. Raises ``UnreadableYaml``."""
    return parse_yaml(text_of(path))


def text_of(path: Path) -> str:
    """Raises ``UnreadableYaml``."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableYaml(f"cannot be read: {type(error).__name__}") from None


def parse_yaml(text: str) -> Any:
    """What the text of a file says. Raises ``UnreadableYaml``."""
    try:
        return yaml.load(text, Loader=_Strict)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f"line {place.line + 1}: " if place else ""
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
        raise UnreadableYaml(
            f"{line}{why}" if isinstance(error, _StandsTwice) else f"{line}is not YAML: {why}"
        ) from None


class _StandsTwice(yaml.constructor.ConstructorError):
    """A key that stands twice in one mapping."""


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, or is no word, and says where a value looks like one and is none: 2024-02-30."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {error}", node.start_mark) from None


def _mapping_without_doubles(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str | int):
            raise yaml.constructor.ConstructorError(None, None, "a key is no word", key_node.start_mark)
        if key in seen:
            raise _StandsTwice(None, None, f"{key}: stands twice", key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_doubles)

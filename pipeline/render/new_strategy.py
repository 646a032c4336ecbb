"""The files of a new strategy."""

import json

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.domain.strategy import DESCRIPTION_FILE, STRATEGY_FILE, TEST_FILE

TEST_COMMAND = ".venv/bin/python -m pytest -p pipeline.testing.plugin {folder}/{file}"


def new_strategy(id: str, folder: str) -> dict[str, bytes]:
    """A small strategy with tests and description, by file name; `folder` is where they will lie."""
    class_name, title = class_name_for(id), title_for(id)
    return {
        STRATEGY_FILE: _rendered("new_strategy.py.j2", title=title, class_name=class_name),
        DESCRIPTION_FILE: description(class_name, title),
        TEST_FILE: _rendered("new_strategy_test.py.j2", class_name=class_name, test_command=test_command(folder)),
    }


def taken_in(class_name: str, title: str, folder: str) -> dict[str, bytes]:
    """What a strategy that exists already needs besides its own file: tests that hold for every one, and a description."""
    test = _rendered("new_strategy_taken_in_test.py.j2", class_name=class_name, test_command=test_command(folder))
    return {DESCRIPTION_FILE: description(class_name, title), TEST_FILE: test}


def description(class_name: str, title: str) -> bytes:
    """strategy.yml; texts are quoted as JSON, which is YAML too."""
    return f"class: {class_name}\ntitle: {json.dumps(title, ensure_ascii=False)}\n".encode()


def class_name_for(id: str) -> str:
    """`my_idea` -> `MyIdea`."""
    return "".join(part.capitalize() for part in id.split("_"))


def title_for(id: str) -> str:
    """`my_idea` -> `My idea`."""
    return " ".join(part for part in id.split("_") if part).capitalize()


def test_command(folder: str) -> str:
    """How a trader runs these tests alone."""
    return TEST_COMMAND.format(folder=folder, file=TEST_FILE)


def _rendered(template: str, **values: str) -> bytes:
    templates = Environment(
        loader=PackageLoader("pipeline.render", "templates"),
        autoescape=False,  # the templates are Python, not HTML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return templates.get_template(template).render(**values).encode()

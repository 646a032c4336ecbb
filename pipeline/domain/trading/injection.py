"""From what was injected into the process to an environment's Secrets, or everything that is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from pipeline.domain.trading.environment import TradingEnvironment
from pipeline.domain.trading.secrets import Secret, SecretNames, Secrets
from pipeline.domain.trading.sign_in import OTHER_SIGN_IN, PASSWORD_EXCHANGES, is_pem, is_placeholder, look_swapped

ACCESS = ("access_key", "access_secret", "access_password")
TELEGRAM = ("telegram_token", "telegram_chat_id")
PAGE = r"https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?"
CHANNELS = (*TELEGRAM, "apprise_url", "ping_url")


@dataclass(frozen=True, slots=True)
class Injected:
    """The secrets, what is wrong with them (key below `secrets`, sentence), and what a person should know though it stops nothing.

    Sentences name secrets; they never show one, nor how long it is.
    """

    secrets: Secrets
    problems: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def read_secrets(environment: TradingEnvironment, process: Mapping[str, str]) -> Injected:
    """The secrets of an environment from a process's variables, as text, whatever they look like.

    One line break at the end is taken off, because `echo` and editors add one and no secret ends with one; everything else stays as it is:
    000123, quotes, `#`, `$`. A dry-run is given no access to an exchange.
    """
    names, notes = environment.secrets, []
    given: dict[str, str] = {}
    for field in fields(SecretNames):
        name = str(getattr(names, field.name))
        text = process.get(name, "") if name else ""
        if text.endswith("\n"):
            text = text.removesuffix("\n").removesuffix("\r")
            notes.append(f"{name} ended with a line break, which is not part of it")
        if text.strip():
            given[field.name] = text
    if environment.dry_run and (unused := [key for key in ACCESS if key in given]):
        told = " and ".join(str(getattr(names, key)) for key in unused)
        notes.append(f"a dry_run needs no access to the exchange: {told} will not be passed on")
        given = {key: text for key, text in given.items() if key not in ACCESS}
    notes += [f"{getattr(names, key)} stands in quotes, which are part of it" for key in given if _quoted(given[key])]
    problems = (
        *_missing(environment, given, process),
        *_forms(environment, given),
        *_telegram(names, given),
        *_addresses(names, given),
    )
    return Injected(Secrets(**{key: Secret(text) for key, text in given.items()}), problems, tuple(notes))


def read_channels(environment: TradingEnvironment, process: Mapping[str, str]) -> Secrets:
    """The secrets among them by which people are told; one that is malformed is left out, because nothing is to fail for it."""
    found = read_secrets(environment, process)
    wrong = {key for key, _ in found.problems}
    if wrong & {*TELEGRAM}:
        wrong |= {*TELEGRAM}
    return Secrets(**{key: getattr(found.secrets, key) for key in CHANNELS if key not in wrong})


def read_own_secrets(
    environment: TradingEnvironment, process: Mapping[str, str], shared: Secrets
) -> tuple[Injected, ...]:
    """As `read_secrets`, for each strategy with an account of its own, in the order of `own_keys`.

    `shared` are the environment's: an account whose key is another's is no account of its own.
    """
    found: list[Injected] = []
    seen = {shared.access_key: environment.secrets.access_key}
    for keys in environment.own_keys:
        there = replace(environment, secrets=keys.instead_of(environment.secrets))
        one = read_secrets(there, process)
        problems = [(key, words) for key, words in one.problems if key in ACCESS]
        given = one.secrets.access_key
        if given is not None and given in seen:
            words = f"{keys.access_key} holds the same as {seen[given]}: that is no account of its own"
            problems.append(("access_key", words))
        seen.setdefault(given, keys.access_key)
        found.append(replace(one, problems=tuple(problems)))
    return tuple(found)


def _missing(
    environment: TradingEnvironment, given: Mapping[str, str], process: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    if environment.dry_run:
        return
    if other := OTHER_SIGN_IN.get(environment.exchange):
        yield "access_key", f"{environment.exchange} is signed in to with {other}, which is not supported yet"
        return
    needed = ACCESS if environment.exchange in PASSWORD_EXCHANGES else ACCESS[:2]
    for key in needed:
        if key not in given:
            name = str(getattr(environment.secrets, key)) or f"the name of the {key.replace('_', ' ')}"
            state = "is empty" if name in process else "is not set"
            why = f", and {environment.exchange} asks for one" if key == "access_password" else ""
            yield key, f"{name} {state}{why}; it belongs to the secrets of the GitHub Environment '{environment.name}'"


def _forms(environment: TradingEnvironment, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = environment.secrets
    for key, text in given.items():
        if words := _malformed(key, text):
            yield key, f"{getattr(names, key)} {words}"
    held = [key for key in ACCESS if key in given]
    for index, key in enumerate(held):
        for other in held[:index]:
            if given[key] == given[other]:
                yield key, f"{getattr(names, key)} holds the same as {getattr(names, other)}"
    if {*ACCESS[:2]} <= {*held} and look_swapped(environment.exchange, given["access_key"], given["access_secret"]):
        yield "access_key", f"{names.access_key} and {names.access_secret} look as if they were swapped"


def _malformed(key: str, text: str) -> str:
    if is_placeholder(text):
        return "holds a placeholder instead of the real thing"
    if text != text.strip():
        return "begins or ends with white space"
    if not is_pem(text) and any(character in text for character in "\r\n"):
        return "has a line break in the middle: was it pasted in two parts?"
    if any(ord(character) < 32 and character not in "\r\n" for character in text):
        return "has a character in it that cannot be printed"
    if key in ("access_key", "access_secret", "telegram_token") and not text.isascii():
        return "has a character in it that is no plain ASCII, such as a curly quote"
    return ""


def _telegram(names: SecretNames, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    there = [key for key in TELEGRAM if key in given]
    if len(there) == 1:
        lacking = next(key for key in TELEGRAM if key not in there)
        yield lacking, f"{getattr(names, lacking)} is not set, but {getattr(names, there[0])} is: Telegram takes both"
    chat, token = given.get("telegram_chat_id", ""), given.get("telegram_token", "")
    if chat and not chat.removeprefix("-").isdecimal():
        swapped = ": it was swapped with the token" if ":" in chat and token.removeprefix("-").isdecimal() else ""
        yield "telegram_chat_id", f"{names.telegram_chat_id} must be a whole number{swapped}"
    elif token and ":" not in token:
        yield "telegram_token", f"{names.telegram_token} must be a bot's token, with a colon in it"


def _addresses(names: SecretNames, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "ping_url" in given and not re.fullmatch(PAGE, given["ping_url"]):
        yield "ping_url", f"{names.ping_url} must be the address of a web page, such as https://…"
    if not all("://" in part for part in given.get("apprise_url", "").split()):
        yield (
            "apprise_url",
            f"{names.apprise_url} must be an apprise URL, such as discord://…, or several with a space between",
        )


def _quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"

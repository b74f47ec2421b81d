"""What a browser says of itself, in the few words its owner knows it by. Pure."""

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS")),
    *(("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def named(user_agent: str) -> str:
    """`Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0` -> "Firefox, Linux"; "" if unknown."""
    program = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (program, system) if part)


def place(host: str) -> str:
    """The part of an address that one household or office shares: IPv4 whole, of IPv6 the first 64 bits."""
    groups = host.partition("%")[0].split(":")
    if len(groups) < 3 or "." in groups[-1]:
        return groups[-1] if "." in groups[-1] else host
    head, gap, tail = host.partition("%")[0].partition("::")
    left, right = head.split(":") if head else [], tail.split(":") if tail else []
    full = left + ["0"] * (8 - len(left) - len(right)) + right if gap else left
    return ":".join((group.lstrip("0") or "0").lower() for group in full[:4])

"""Ways to break the plugin of docs/plugins.md: what is changed, and which test tells it in which words.

Data, for test_testing.py: a name, the class whose tests are run, the one that fails, words of its message, and (file, old, new) for each change.
"""

from hostcheck.model import Why

PLUGIN, PROBE, ANALYSIS, FORMAT, TEST = "acme_motd/plugin.py", "acme_motd/motd.py", "acme_motd/length.py", "acme_motd/line.py", "test_acme_motd.py"
SCHEMA, LENGTHS, COMPILED = (f"acme_motd/{name}.json" for name in ("motd.facts", "length.facts", "benchmark/acme"))
RULE, HEAD = (f"acme_motd/benchmark/{name}.yaml" for name in ("rules/ACME-MOTD-01", "benchmark"))
Change = tuple[str, str, str]
Breakage = tuple[str, str, str, list[Change]]

ASK, HOLE, TOLD = 'attempt(host.read_text, "/etc/motd")', 'return {"present": text, "text": text}', 'return {"present": True, "text": text}'
LENGTH = 'return {"lines": len(motd["text"].splitlines()) if motd["present"] else 0}'
NAME = "ascii(report['host']['name'])[1:-1]"
LINE = f"return f\"{{{NAME}}}: {{report['verdict']}}\\n\""
CLOSED, READS, FAIL = '"additionalProperties": false', 'reads=("acme.motd",)', "  fail: {lines: 0}"
EXPECT = "/acme.length/lines: {minimum"
GUESS = f"try:\n        {LENGTH}\n    except Exception:\n        return {{'lines': %d}}"
DENYING, HIDING, OBEYING = "denying_any_answer_only_makes_holes", "hiding_any_fact_only_makes_holes", "its_facts_obey_their_schema"
DELAYING, CUTTING = "delaying_its_answers_only_makes_holes", "cutting_any_answer_only_makes_holes"
LATE = 'if isinstance(text, Hole) and text.why == "timeout":\n        return {"present": False}\n    if isinst'
CROWDED = (TEST, '"This host is Acme\'s."}), "says', '"This host is Acme\'s."}, processes=()), "says')
CLOSING, READING, NEEDING, WRITING = (
    "its_facts_schema_is_closed",
    "whatever_it_reads_its_facts_obey_their_schema",
    "what_it_needs_is_given",
    "it_writes_any_report",
)


def text(expression: str) -> Change:
    """Return the change that makes the probe state another text."""
    return (PROBE, TOLD, TOLD.replace(": text", f": {expression}"))


def lines(expression: str) -> Change:
    """Return the change that makes the analysis derive another number."""
    return (ANALYSIS, LENGTH, f'return {{"lines": {expression}}}')


def keep(path: str) -> Change:
    """Return the change that makes a module keep something from one call to the next."""
    return (path, "\n\ndef ", "\nSEEN = []\n\n\ndef ")


OF_PROBES: list[Breakage] = [
    ("takes denial for absence", DENYING, "attempt(host.read_text", [(PROBE, HOLE, 'return {"present": False}')]),
    *(
        (
            f"takes {why} for absence",
            DENYING,
            "became False",
            [(PROBE, "if isinst", f'if isinstance(text, Hole) and text.why == "{why}":\n        return {{"present": False}}\n    if isinst')],
        )
        for why in Why
        if why != Why.CRASHED
    ),
    ("catches denial", DENYING, "Catch ABSENT", [(PROBE, "except ABSENT", "except Exception"), (PROBE, "attempt(", "(lambda a, b: a(b))(")]),
    ("takes what comes too late for absent", DELAYING, "with every answer from number 0 on", [(PROBE, "if isinst", LATE)]),
    ("counts on although some are lost", CUTTING, "'0' became '1'", [text("str(len(host.processes()))"), CROWDED]),
    ("says empty where denied", DENYING, "/text: ", [(PROBE, HOLE, 'return {"present": True, "text": ""}')]),
    ("leaves out what is denied", DENYING, "/text: is gone without a hole", [(PROBE, HOLE, 'return {"present": True}')]),
    ("adds where denied", DENYING, "/more: is new", [(PROBE, HOLE, HOLE.replace("}", ', "more": 1}'))]),
    ("crashes where denied", DENYING, "without `read_bytes", [(PROBE, HOLE, "return text.strip()")]),
    ("asks the host nothing", DENYING, "never with open()", [(PROBE, ASK, '"hello"')]),
    ("lets absence out", OBEYING, "catch ABSENT", [(PROBE, "except ABSENT", "except ZeroDivisionError")]),
    ("breaks its schema", OBEYING, "motd.facts.json at /text", [text("5")]),
    ("crashes on any host", OBEYING, "ZeroDivisionError", [text("1 / 0")]),
    ("states what is not JSON", OBEYING, "set is not JSON", [text("{text}")]),
    ("says another thing each time", "its_facts_are_the_same_twice", "depends on the time", [text("str(SEEN.append(1) or len(SEEN))"), keep(PROBE)]),
    (
        "knows less every other time",
        "its_facts_are_the_same_twice",
        "stated something else",
        [text("text if SEEN.append(1) or len(SEEN) % 2 else Hole(why='limit', message='')"), keep(PROBE)],
    ),
    ("goes by the kind of the host", "a_replay_states_the_same", "by what kind of host", [text("host.kind")]),
    ("is stopped by an empty file", READING, "b''", [text("text.split()[0]")]),
    ("is stopped by a long number", READING, "b'99", [text("str(int(text)) if text.isdigit() else text")]),
    ("states garbage that its schema forbids", READING, "b''", [text("text or 1")]),
    ("is stopped by an empty folder", READING, "[] as the answer to list_dir", [text('text + host.list_dir("/etc")[0]')]),
    ("never knows anything", "on_some_host_it_states_facts", "add a host", [(PROBE, "    try:", "    return Hole(why='denied', message='')\n    try:")]),
    ("has an open schema", CLOSING, "misspelt", [(SCHEMA, CLOSED, '"additionalProperties": true')]),
    ("requires no fact", CLOSING, "accepts {}", [(SCHEMA, '"required": ["present"],\n', "")]),
    ("describes no object", CLOSING, '"type": "object"', [(SCHEMA, '"type": "object",', "")]),
    ("misspells a keyword", CLOSING, "requird", [(SCHEMA, '"required"', '"requird"')]),
    ("says a key twice", CLOSING, "appears twice", [(SCHEMA, CLOSED, f"{CLOSED}, {CLOSED}")]),
    ("has no schema", CLOSING, "no such file", [(PLUGIN, "motd.facts.json", "none.facts.json")]),
    ("has a name that cannot be used", "its_name_can_be_used", "no name", [(PLUGIN, 'Probe(id="acme.motd"', 'Probe(id="Acme motd"')]),
    ("has the name of a built-in probe", "its_name_can_be_used", "such as 'acme.'", [(PLUGIN, 'Probe(id="acme.motd"', 'Probe(id="host"')]),
    ("has no hosts", NEEDING, "has no `hosts`", [(TEST, "    hosts = HOSTS\n", "")]),
    ("has hosts without names", NEEDING, "give a dict", [(TEST, "    hosts = HOSTS\n", "    hosts = list(HOSTS.values())\n")]),
    ("has no probe", NEEDING, "probe = MOTD", [(TEST, "    probe = MOTD\n", "")]),
]
OF_ANALYSES: list[Breakage] = [
    ("swallows a hole", HIDING, "let it, or catch it", [(ANALYSIS, LENGTH, GUESS % 0)]),
    (
        "counts what may be more",
        HIDING,
        "with /acme.motd shortened",
        [lines("len(known(motd))"), (ANALYSIS, "\n\ndef", "\nfrom hostcheck.api import known\n\n\ndef")],
    ),
    (
        "crashes where less is known",
        HIDING,
        "while /acme.motd/text was hidden",
        [
            lines("sum(1 for one in [attempt(lambda: motd['text'])] if one.strip()) if motd['present'] else 0"),
            (ANALYSIS, "\n\ndef", "\nfrom hostcheck.api import attempt\n\n\ndef"),
        ],
    ),
    ("derives another thing each time", "it_is_pure", "Derive from the arguments alone", [lines("SEEN.append(1) or len(SEEN)"), keep(ANALYSIS)]),
    ("derives what its schema forbids", OBEYING, "at /lines", [lines("-1")]),
    (
        "never derives anything",
        "from_some_document_it_derives_facts",
        "add a document",
        [lines('facts["host"]'), (PLUGIN, READS, 'reads=("acme.motd", "host")')],
    ),
    ("derives by an open schema", CLOSING, "misspelt", [(LENGTHS, CLOSED, '"title": ""')]),
    (
        "is given what no probe states",
        "it_is_given_what_probes_state",
        "fix whichever",
        [(TEST, '"acme.motd": {"present": True', '"acme.motd": {"presnt": True')],
    ),
    ("is given facts of nobody", "it_is_given_what_probes_state", "name your own in `others`", [(TEST, "    others = [MOTD]\n", "")]),
    ("reads what it is not given", "it_is_given_what_probes_state", "reads ['host']", [(PLUGIN, READS, 'reads=("acme.motd", "host")')]),
    ("has the name of a built-in analysis", "its_name_can_be_used", "such as 'acme.'", [(PLUGIN, 'Analysis(id="acme.length"', 'Analysis(id="host-role"')]),
    ("has no documents", NEEDING, "has no `documents`", [(TEST, "documents = ", "papers = ")]),
    (
        "states no edges although it says so",
        "its_edges_have_the_published_shape",
        "break the published shape",
        [(PLUGIN, 'Analysis(id="acme.length"', 'Analysis(edges=True, id="acme.length"')],
    ),
    ("has no analysis", NEEDING, "has no `analysis`", [(TEST, "    analysis = LENGTH\n", "")]),
]
OF_RULES: list[Breakage] = [
    (
        "accepts everything",
        "a_rule_rejects_a_host_that_states_nothing",
        "in `required`",
        [(RULE, "{/acme.length/lines: {minimum: {$value: acme_lines}}}", "{properties: {acme.length: {/lines: {minimum: {$value: acme_lines}}}}}")],
    ),
    (
        "looks at nothing",
        "where_nothing_is_known_a_rule_says_so",
        "looks at no fact",
        [(RULE, "because:", "notapplicable: [{when: true, is: never}]\nbecause:")],
    ),
    ("passes where it should fail", "its_examples_hold", "fail example 1: gives pass", [(RULE, FAIL, FAIL.replace("0", "1"))]),
    (
        "fails where it should pass",
        "its_examples_hold",
        "pass example 1: gives fail on the host: /etc/motd has 0",
        [(RULE, "pass: {lines: 2}", "pass: {lines: 0}")],
    ),
    ("was never seen to fail", "its_examples_hold", "no example that must fail", [(RULE, f"{FAIL}\n", "")]),
    ("states what nobody could", "its_examples_hold", "break its facts schema at /lines", [(RULE, FAIL, FAIL.replace("0", "-1"))]),
    ("names a fact that there is not", "lint_finds_nothing", "did you mean 'lines'", [(RULE, EXPECT, EXPECT.replace("lines", "line"))]),
    ("reads facts of nobody", "lint_finds_nothing", "in `others`", [(TEST, "    others = [MOTD, LENGTH]\n\n\nclass TestFindings", "\n\nclass TestFindings")]),
    ("is not JSON", "lint_finds_nothing", "not JSON", [(COMPILED, "{", "")]),
    ("has a rule without a title", "lint_finds_nothing", "'title' is a required property", [(COMPILED, '"title":"Ensure', '"titel":"Ensure')]),
    ("was not compiled anew", "it_is_what_its_source_says", "run `hostcheck compile", [(COMPILED, '"severity":"low"', '"severity":"high"')]),
    (
        "has old examples",
        "it_is_what_its_source_says",
        "acme.examples.json is not what",
        [(COMPILED.replace(".json", ".examples.json"), "has 0 lines", "has 9 lines")],
    ),
    ("is written wrong", "it_is_what_its_source_says", "did you mean 'severity'", [(RULE, "severity:", "severty:")]),
    ("has no path", NEEDING, "has no `path`", [(TEST, "    path = BENCHMARK\n    source", "    source")]),
    ("selects nothing", "every_rule_is_in_a_profile", "ACME-MOTD-01", [(RULE, "profiles: [level1]\n", "")]),
    ("declares what it does not use", "every_value_is_used", "['words']", [(HEAD, "acme_lines: 1", "acme_lines: 1, words: 1")]),
]
OF_FINDINGS: list[Breakage] = [
    ("passes where denied", "denying_any_answer_makes_no_finding_better", "fail became pass", [(PROBE, HOLE, 'return {"present": True, "text": "hello"}')]),
    (
        "passes without the probe",
        "losing_a_probe_makes_no_finding_better",
        "without acme.motd (timeout)",
        [(ANALYSIS, LENGTH, GUESS % 1), (ANALYSIS, '    motd = facts["acme.motd"]\n', ""), (ANALYSIS, "motd[", 'facts["acme.motd"][')],
    ),
    ("never fails", "some_finding_passes_and_some_fails", "add a host", [(HEAD, "acme_lines: 1", "acme_lines: 0")]),
]
OF_FORMATS: list[Breakage] = [
    ("cannot write what a host holds", WRITING, "escape what the format cannot hold", [(FORMAT, NAME, "report['host']['name'].encode('ascii').decode()")]),
    ("returns bytes", WRITING, "return the text as str", [(FORMAT, LINE, "return b''")]),
    ("writes what is no text", WRITING, "lone surrogates", [(FORMAT, LINE, r"return '\udcff'")]),
    ("needs what a report need not have", WRITING, "need not have", [(FORMAT, LINE, 'return report["findings"][0]["title"]')]),
    ("writes in the order of the keys", "it_writes_the_same_twice", "the order of its keys", [(FORMAT, LINE, "return ascii(report)")]),
    ("writes another thing each time", "it_writes_the_same_twice", "in two ways", [(FORMAT, LINE, "SEEN.append(1)\n    return str(SEEN)"), keep(FORMAT)]),
    ("changes the report", "it_changes_nothing", "changed findings", [(FORMAT, LINE, "report['findings'] = []\n    return ''")]),
    ("is no JSON", "it_is_what_it_says", "a library that escapes", [(PLUGIN, "text/plain", "application/sarif+json")]),
    (
        "is no XML",
        "it_is_what_it_says",
        "a library that escapes",
        [(FORMAT, LINE, "return '<a>' + report['host']['name'] + '</a>'"), (PLUGIN, "text/plain", "text/xml")],
    ),
    ("moves the cursor", "no_control_character_comes_out", r"\x1b", [(FORMAT, NAME, "report['host']['name']")]),
    ("cannot be asked for", "its_name_can_be_used", "a-z, 0-9", [(PLUGIN, 'name="acme-line"', 'name="a=b"')]),
    ("has the name of a built-in format", "its_name_can_be_used", "such as 'acme.'", [(PLUGIN, 'name="acme-line"', 'name="json"')]),
    ("has no media type", "its_media_type_is_one", "text/plain", [(PLUGIN, "text/plain", "text")]),
    ("has no format", NEEDING, "has no `format`", [(TEST, "    format = LINE\n", "    pass\n")]),
]
ALL = {"TestMotd": OF_PROBES, "TestLength": OF_ANALYSES, "TestRules": OF_RULES, "TestFindings": OF_FINDINGS, "TestLine": OF_FORMATS}
BREAKAGES = [(part, *breakage) for part, breakages in ALL.items() for breakage in breakages]

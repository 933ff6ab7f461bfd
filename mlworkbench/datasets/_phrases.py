"""Phrase banks of `make_triage_notes`: what a nurse may write, all invented.

Nothing here comes from a real note. A *finding* has the urgency it stands for
when it is asserted, the term by which it is denied or remembered, the ways to
assert it, and what it does to temperature (°C), heart rate (beats per minute)
and oxygen saturation (percentage points).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CLASSES", "FINDINGS", "Finding"]

CLASSES = ("routine", "urgent", "emergency")


class Finding(NamedTuple):
    """One thing that can be the matter."""

    urgency: str
    term: str
    asserted: tuple[str, ...]
    temperature: float = 0.0
    heart_rate: float = 0.0
    oxygen: float = 0.0


_EMERGENCY = (
    ("chest pain", ("crushing chest pain", "chest pain into left arm",
                    "chest pain and sweating"), 0.0, 22, -2),
    ("pneumonia", ("likely pneumonia", "pneumonia on x-ray",
                   "rust coloured sputum, pneumonia suspected"), 1.8, 24, -7),
    ("stroke", ("face droops on one side, stroke alert", "sudden slurred speech",
                "signs of stroke, right arm weak"), 0.0, 8, -1),
    ("shortness of breath", ("shortness of breath at rest",
                             "severe shortness of breath",
                             "cannot finish a sentence, shortness of breath"),
     0.2, 26, -8),
    ("sepsis", ("sepsis suspected", "chills and confused, sepsis screen positive",
                "mottled skin, possible sepsis"), 2.1, 36, -4),
    ("anaphylaxis", ("anaphylaxis after bee sting", "lips swelling fast after nuts",
                     "throat closing up, anaphylaxis"), 0.0, 34, -5),
    ("seizure", ("seizure lasting ten minutes", "found fitting, second seizure today",
                 "seizure, still drowsy"), 0.3, 26, -4),
    ("major bleeding", ("major bleeding from leg wound", "vomiting bright blood",
                        "blood soaked through two dressings"), -0.2, 38, -2),
    ("head injury", ("head injury with loss of consciousness",
                     "fell from ladder, head injury and vomiting",
                     "head injury, one pupil larger"), 0.0, 10, -1),
    ("overdose", ("overdose of sleeping tablets", "overdose, hard to wake",
                  "took a whole box of tablets"), -0.3, -8, -6),
    ("meningitis", ("stiff neck and purple spots, meningitis suspected",
                    "light hurts eyes, rash does not fade",
                    "possible meningitis, drowsy"), 2.3, 30, -2),
    # No term: it is never denied, and no keyword gives it away.
    ("", ("grey and sweaty, just not right", "barely answers, cold hands",
          "very pale and hard to rouse"), 0.2, 34, -6),
)  # fmt: skip

_URGENT = (
    ("abdominal pain", ("abdominal pain, right lower side", "worsening abdominal pain",
                        "belly very tender, abdominal pain"), 0.5, 12, 0),
    ("fever", ("fever that will not settle", "high fever in a toddler",
               "fever with chills"), 2.0, 18, -1),
    ("fracture", ("wrist looks bent, likely fracture", "possible fracture of ankle",
                  "fell on ice, hip fracture?"), 0.0, 10, 0),
    ("asthma", ("asthma, wheezing, inhaler helps a little", "mild asthma attack",
                "asthma flare after run"), 0.0, 14, -3),
    ("kidney stone", ("flank pain in waves, kidney stone suspected",
                      "cannot sit still, kidney stone again",
                      "kidney stone pain and nausea"), 0.1, 14, 0),
    ("dehydration", ("dehydration, dry mouth and dizzy",
                     "vomiting all night, dehydration",
                     "not keeping fluids down"), 0.4, 20, 0),
    ("cellulitis", ("red hot swollen shin, cellulitis", "spreading redness of hand",
                    "cellulitis around old wound"), 0.9, 10, 0),
    ("migraine", ("migraine with vomiting", "worst migraine in months",
                  "migraine, tablets not helping"), 0.0, 4, 0),
    ("burn", ("scald burn on forearm, blisters", "burn from cooking oil, palm sized",
              "steam burn on hand"), 0.1, 12, 0),
    ("urine infection", ("urine infection with back pain", "passing blood in urine",
                         "urine infection, shivering"), 1.2, 12, 0),
    ("deep cut", ("deep cut to finger, needs stitches", "deep cut on shin, oozing",
                  "deep cut from glass"), 0.0, 8, 0),
    ("", ("weak and shaky since morning", "keeps nearly fainting",
          "not eating, sleeps most of the day"), 0.3, 12, -1),
)  # fmt: skip

_ROUTINE = (
    ("sore throat", ("sore throat", "sore throat, still drinking",
                     "scratchy sore throat"), 0.4, 2, 0),
    ("ankle sprain", ("ankle sprain, walks on it", "twisted ankle, mild swelling",
                      "old ankle sprain aching"), 0.0, 0, 0),
    ("itchy rash", ("itchy rash on arms", "dry patches of skin, itchy",
                    "itchy rash after new soap"), 0.0, 0, 0),
    ("earache", ("earache", "mild earache after swimming", "blocked ear and earache"),
     0.3, 0, 0),
    ("cold", ("runny nose, common cold", "head cold and dry cough",
              "cold, wants advice"), 0.3, 0, 0),
    ("back ache", ("lower back ache after gardening", "back ache, moves freely",
                   "dull back ache"), 0.0, 0, 0),
    ("insect bite", ("insect bite on calf", "itchy insect bite", "tick removed"),
     0.0, 0, 0),
    ("hay fever", ("hay fever, sneezing", "itchy eyes every spring",
                   "hay fever tablets finished"), 0.0, 0, 0),
    ("repeat prescription", ("needs repeat prescription", "out of blood pressure pills",
                             "repeat prescription for cream"), 0.0, 0, 0),
    ("stitches out", ("here for stitches out", "wound check, healing well",
                      "stitches out, dry and clean"), 0.0, 0, 0),
    ("constipation", ("constipation", "constipation, comfortable",
                      "mild constipation after travel"), 0.0, 0, 0),
    ("sick note", ("wants a sick note", "sick note for work", "form to be signed"),
     0.0, 0, 0),
    ("tooth ache", ("tooth ache, dentist closed", "mild tooth ache", "lost a filling"),
     0.1, 2, 0),
    ("", ("feels a bit run down", "tired after a long week", "general check wanted"),
     0.0, 0, 0),
)  # fmt: skip

FINDINGS: tuple[Finding, ...] = tuple(
    Finding(urgency, *row)
    for urgency, bank in zip(CLASSES, (_ROUTINE, _URGENT, _EMERGENCY), strict=True)
    for row in bank
)

# How a finding is denied: before its term and after it, so that a rule which
# only looks to the left of a word misses some.
NEGATIONS = (
    "no {}",
    "denies {}",
    "no sign of {}",
    "without {}",
    "{} ruled out",
    "negative for {}",
    "{} unlikely",
    "never had {}",
)
# The term is there, the finding is not: the past, somebody else, a worry.
MENTIONS = (
    "history of {}",
    "{} two years ago, resolved",
    "mother had {} last year",
    "worried about {}",
    "asks about {}",
    "seen last month for {}",
)

OPENINGS = ("patient {age}, {sex}", "{age} year old {sex}", "{sex} {age}", "")
SEXES = ("female", "male")
DURATIONS = (
    "since this morning",
    "for two days",
    "for three hours",
    "since yesterday evening",
    "for about a week",
    "started an hour ago",
    "",
    "",
)
CLOSINGS = (
    "relative present",
    "waiting in corridor",
    "calm",
    "speaks little English",
    "medication list attached",
    "blood taken",
    "told to wait",
    "",
    "",
    "",
)
MODES = ("walk-in", "ambulance", "referral")
MODE_TEXTS = {
    "walk-in": ("walked in", ""),
    "ambulance": ("brought by ambulance", "ambulance crew waits"),
    "referral": ("sent by doctor", "letter from doctor"),
}

ABBREVIATIONS = {
    "patient": "pt",
    "year old": "yo",
    "female": "F",
    "male": "M",
    "shortness of breath": "SOB",
    "chest pain": "CP",
    "abdominal pain": "abdo pain",
    "fracture": "fx",
    "history of": "hx of",
    "temperature": "temp",
    "urine infection": "UTI",
    "negative for": "neg for",
    "without": "w/o",
    "two days": "2/7",
    "about a week": "1/52",
    "head injury": "HI",
    "medication": "meds",
    "prescription": "Rx",
    "suspected": "susp",
    "blood pressure": "BP",
}
MISSPELLINGS = {
    "pneumonia": ("pnuemonia", "pneumona", "neumonia"),
    "chest": ("chets", "cheast"),
    "stroke": ("storke", "strok"),
    "breath": ("breth", "braeth"),
    "sepsis": ("sepis", "sepsys"),
    "anaphylaxis": ("anaphilaxis", "anafylaxis"),
    "seizure": ("siezure", "seizre"),
    "bleeding": ("bleding", "bleeeding"),
    "injury": ("injry", "injurey"),
    "overdose": ("overdoes", "overdse"),
    "meningitis": ("menigitis", "meningitus"),
    "abdominal": ("abdomnal", "abominal"),
    "fever": ("fevr", "feaver"),
    "fracture": ("fractue", "fracure"),
    "asthma": ("astma", "asthama"),
    "dehydration": ("dehidration", "dehydratoin"),
    "migraine": ("migrane", "migriane"),
    "vomiting": ("vomitting", "vomting"),
    "throat": ("throt", "thraot"),
    "ankle": ("ankel", "anke"),
    "swelling": ("sweling", "swellling"),
    "prescription": ("perscription", "prescripton"),
    "constipation": ("constapation", "constipaton"),
    "severe": ("sever", "sevre"),
    "since": ("sicne", "sinse"),
    "denies": ("denys", "deneis"),
    "history": ("histroy", "hisotry"),
}

"""How much each feature of a sentence says about its being a key point. Written, not edited.

From 148 articles of key_points.jsonl, 2026-11-27
(`python -m benchmarks.key_points_training FILE.jsonl --write`): ridge regression (30) of ROUGE F1 in
percent on the features of `sentence_features.py`.
"""

from publisher.kit.selection import Habits

WEIGHTS = {
    "early": (-12.1, 0.18),
    "opening": (19.2, 0.222),
    "late": (-0.506, 0.462),
    "central": (2.74, 0.123),
    "like_opening": (21.7, 0.0767),
    "tells_opening": (-1.72, 0.0477),
    "short": (-8.75, 0.021),
    "long": (1.93, 0.15),
    "number": (2.17, 0),
    "own_voice": (-1.7, 0),
    "leaning": (-1.82, 0),
    "quotation": (0.661, 0),
}
"""The points a feature adds for each unit above its usual value, and that usual value."""

HABITS = Habits(redundancy=12.0, too_alike=0.5, words=28.0)

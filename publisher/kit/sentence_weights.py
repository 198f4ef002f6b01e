"""How much each feature of a sentence says about its being a key point. Written, not edited.

From 148 articles of key_points.jsonl, 2026-11-27
(`python -m benchmarks.key_points_training FILE.jsonl --write`): ridge regression (30) of ROUGE F1 in
percent on the features of `sentence_features.py`.
"""

from publisher.kit.selection import Habits

WEIGHTS = {
    "early": (-12.1, 0.18),
    "opening": (19.1, 0.221),
    "late": (-0.499, 0.462),
    "central": (2.75, 0.118),
    "like_opening": (21.7, 0.0768),
    "tells_opening": (-1.7, 0.0476),
    "short": (-8.46, 0.0218),
    "long": (1.85, 0.15),
    "number": (2.16, 0),
    "own_voice": (-1.97, 0),
    "leaning": (-1.81, 0),
    "quotation": (0.677, 0),
}
"""The points a feature adds for each unit above its usual value, and that usual value."""

HABITS = Habits(redundancy=12.0, too_alike=0.5, words=28.0)

"""Everything that the facts of an installation lead to, without ids and times: what two installations compare."""

from tests.installation import Installation

QUERIES = {
    "legs": """
        SELECT l.source, l.external_id, l.leg_number, u.external_id, u.name, l.workday, l.talk_seconds, l.wait_seconds,
               l.answered, l.abandoned, l.resolved, l.rating
        FROM interactions_leg l LEFT JOIN people_user u ON u.id = l.agent_id ORDER BY 1, 2, 3""",
    "day values": """
        SELECT u.external_id, u.name, v.workday, m.key, v.total, v.count FROM metrics_dayvalue v
        JOIN people_user u ON u.id = v.agent_id JOIN metrics_metric m ON m.id = v.metric_id ORDER BY 1, 2, 3, 4""",
    "scores": """
        SELECT u.external_id, u.name, s.workday, m.key, s.points, s.maximum, s.zone, s.reason FROM scorecards_score s
        JOIN people_user u ON u.id = s.agent_id JOIN scorecards_objective o ON o.id = s.objective_id
        JOIN metrics_metric m ON m.id = o.metric_id ORDER BY 1, 2, 3, 4""",
    "scored days": """
        SELECT u.external_id, u.name, d.workday, d.points, d.maximum, v.name FROM scorecards_scoreday d
        JOIN people_user u ON u.id = d.agent_id JOIN people_division v ON v.id = d.division_id ORDER BY 1, 2, 3""",
    "final days": """
        SELECT v.name, d.workday FROM scorecards_divisionday d
        JOIN people_division v ON v.id = d.division_id ORDER BY 1, 2""",
    "revisions": "SELECT workday, total_before, total_after FROM scorecards_dayrevision ORDER BY 1, 2, 3",
    "touches left": "SELECT workday, reason FROM interactions_touch ORDER BY 1, 2",
}


def figures(installation: Installation) -> dict[str, list[tuple]]:
    return {name: installation.rows(sql) for name, sql in QUERIES.items()}

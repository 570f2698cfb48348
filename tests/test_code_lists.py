"""The code lists that ship with the service."""

from datetime import date

from sqlalchemy import Connection, text

from gis_service import code_lists


def test_every_parent_is_in_the_list_and_every_line_names_its_source() -> None:
    for path, _ in code_lists.LISTS:
        if path == "matters/holidays.csv":
            continue
        lines = list(code_lists.rows(path))
        known = {(line["edition"], line["code"]) for line in lines}
        for line in lines:
            assert line["source"]
            assert line["name"]
            parents = {(line["edition"], line["parent"])}
            if path == "matters/classes.csv":
                parents = {(edition, line["parent"]) for edition, _ in known}
            assert line["parent"] is None or parents & known
        keys = [(line["edition"], line["code"]) for line in lines]
        assert len(keys) == len(set(keys))


def test_exceptional_days_stand_where_they_make_a_difference() -> None:
    lines = list(code_lists.rows("matters/holidays.csv"))
    days = [date.fromisoformat(str(line["day"])) for line in lines]
    assert days == sorted(set(days))
    for day, line in zip(days, lines, strict=True):
        assert line["source"]
        if line["is_worked"] == "true":
            assert day.weekday() >= 5, day


def test_land_uses_are_complete() -> None:
    lines = list(code_lists.rows("land/uses.csv"))
    second = [line["edition"] for line in lines if line["parent"]]
    assert (second.count("2017"), second.count("2007")) == (73, 57)


def test_second_load_changes_nothing_and_keeps_what_a_county_added(
    empty_connection: Connection,
) -> None:
    connection = empty_connection
    connection.execute(
        text(
            "INSERT INTO objects.categories (code, name, parent, edition, source)"
            " VALUES ('2190', '风力发电机', '21', 'local', '县定')"
        )
    )
    connection.execute(
        text("UPDATE matters.classes SET limit_value = 99 WHERE code = 'C01'")
    )
    changed = code_lists.load(connection)
    assert changed == {
        "land.uses": 0,
        "objects.categories": 0,
        "matters.classes": 1,
        "matters.calendar_days": 0,
    }
    own = text("SELECT name FROM objects.categories WHERE code = '2190'")
    assert connection.execute(own).scalar_one() == "风力发电机"

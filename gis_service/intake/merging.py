"""Staged rows become rows of the county: new, changed, or the same as before."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from gis_service.errors import ConflictError
from gis_service.intake.staging import Staging


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the good rows."""

    new: int
    changed: int
    same: int


def merge(staging: Staging, batch_id: int, county_code: str) -> Merged:
    """Write the rows that are not refused, keeping what changed rows were before.

    Raises
    ------
    ConflictError
        When somebody else wrote the same key in the meantime.
    """
    parts = _Parts(staging)
    with staging.connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.matched")
        cursor.execute(parts.match())
        cursor.execute("ANALYZE pg_temp.matched")
        values = {
            "batch": batch_id,
            "table": staging.thing.table,
            "county": county_code,
        }
        cursor.execute(parts.keep(), values)
        changed = cursor.rowcount
        if changed:
            cursor.execute(parts.update(), values)
        try:
            cursor.execute(parts.insert(), values)
        except psycopg.errors.UniqueViolation as error:
            message = (
                "有人同时写入了相同编码的数据,请重新导入 (written meanwhile, try again)"
            )
            raise ConflictError(message) from error
        new = cursor.rowcount
        same = cursor.execute("SELECT count(*) FROM matched WHERE is_same").fetchone()
    return Merged(new, changed, int(str(same[0])) if same else 0)


class _Parts:
    """Pieces of the statements for one thing."""

    def __init__(self, staging: Staging) -> None:
        thing = staging.thing
        self.target = sql.Identifier(*thing.table.split("."))
        self.columns = [sql.Identifier(name) for name in staging.present]
        written = [name for name in staging.present if name not in thing.key]
        self.written = [sql.Identifier(name) for name in written]
        self.key = sql.SQL(" AND ").join(
            sql.SQL("kept.{0} = staged.{0}").format(sql.Identifier(name))
            for name in thing.key
        )
        # The county leads the primary key: without it no index would be used.
        has_county = "county_code" in thing.key
        self.in_county = sql.SQL(
            "kept.county_code = %(county)s" if has_county else "true"
        )
        if thing.is_in_force:
            self.key = self.key + sql.SQL(" AND kept.valid_to IS NULL")

    def match(self) -> sql.Composed:
        """Find the row each staged row already has, and whether it is the same."""
        return sql.SQL(
            "CREATE TEMPORARY TABLE matched ON COMMIT DROP AS"
            " SELECT staged.row_no, kept.id, {same} AS is_same"
            " FROM staged INNER JOIN {target} AS kept ON {key}"
            " WHERE NOT staged.is_refused"
        ).format(same=self._same(), target=self.target, key=self.key)

    def keep(self) -> sql.Composed:
        """Keep what changed rows were; geometry as EWKB, for nothing may be rounded."""
        return sql.SQL(
            "INSERT INTO intake.changes (batch_id, table_name, row_id, before)"
            " SELECT %(batch)s, %(table)s, kept.id, {before}"
            " FROM matched INNER JOIN {target} AS kept ON matched.id = kept.id"
            " AND {in_county} WHERE NOT matched.is_same"
        ).format(
            before=before(self.written), target=self.target, in_county=self.in_county
        )

    def update(self) -> sql.Composed:
        """Change the rows that differ."""
        return sql.SQL(
            "UPDATE {target} AS kept SET {pairs}, batch_id = %(batch)s"
            " FROM staged INNER JOIN matched ON staged.row_no = matched.row_no"
            " WHERE kept.id = matched.id AND NOT matched.is_same AND {in_county}"
        ).format(
            target=self.target,
            in_county=self.in_county,
            pairs=sql.SQL(", ").join(
                sql.SQL("{0} = staged.{0}").format(name) for name in self.written
            ),
        )

    def insert(self) -> sql.Composed:
        """Add the rows that are new, in the order of the file.

        NOT IN would compare every row with every other once the matched rows
        outgrow the working memory of the server.
        """
        return sql.SQL(
            "INSERT INTO {target} ({columns}, batch_id)"
            " SELECT {columns}, %(batch)s FROM staged"
            " WHERE NOT is_refused"
            " AND NOT EXISTS ("
            "SELECT FROM matched WHERE matched.row_no = staged.row_no)"
            " ORDER BY row_no"
        ).format(target=self.target, columns=sql.SQL(", ").join(self.columns))

    def _same(self) -> sql.Composable:
        if not self.written:
            return sql.SQL("true")
        return sql.SQL(" AND ").join(
            sql.SQL("kept.{0} IS NOT DISTINCT FROM staged.{0}").format(name)
            for name in self.written
        )


def before(names: list[sql.Identifier]) -> sql.Composable:
    """Return the expression of the old values of a row, with its old batch."""
    pairs = []
    for name in [*names, sql.Identifier("batch_id")]:
        text = name.as_string(None).strip('"')
        value = sql.SQL("kept.{}").format(name)
        if text == "geom":
            value = sql.SQL("encode(ST_AsEWKB(kept.{}), 'hex')").format(name)
        pairs.append(sql.SQL("{}, {}").format(sql.Literal(text), value))
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))

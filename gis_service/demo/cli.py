"""The command ``gis-grid demo``: make the demo county, or files with known faults."""

from pathlib import Path
from typing import Annotated

import typer

from gis_service.demo.scale import Scale

app = typer.Typer(add_completion=False)


@app.command("demo")
def demo(  # noqa: PLR0913 - a parameter per option
    scale: Annotated[
        Scale,
        typer.Option(
            help="规模 tiny 一个街道 one township, demo 全县5%人口 the county with one "
            "person in twenty, full 全部 everybody."
        ),
    ] = Scale.DEMO,
    seed: Annotated[
        int, typer.Option(min=0, help="随机种子 The same seed, the same county.")
    ] = 1,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="先清空已有数据 Empty the database first.")
    ] = False,
    facts_file: Annotated[
        Path | None, typer.Option("--facts", help="数据说明表 Write the facts sheet.")
    ] = None,
    faults_folder: Annotated[
        Path | None,
        typer.Option(
            "--faults",
            help="只写出含已知错误的导入文件，不动数据库 Only write files with known "
            "faults for the intake; the database is left alone.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON for scripts.")
    ] = False,
) -> None:
    """生成演示县 Make the synthetic demo county from a seed."""
    # What draws a county takes a second to import, which no other command shall wait.
    from gis_service.demo import making  # noqa: PLC0415

    if faults_folder is not None:
        making.plant_faults(scale, seed, faults_folder, as_json=as_json)
        return
    making.make(scale, seed, facts_file, replace=replace, as_json=as_json)

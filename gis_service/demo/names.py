"""Names of villages and people, put together from lists."""

import numpy as np
from numpy.typing import NDArray

from gis_service.demo.streams import Numbers, Streams, chosen

Texts = NDArray[np.object_]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_SIGNS = _words(
    "大 小 石 龙 新 青 白 金 长 高 双 上 下 黄 杨 枫 竹 茶 桐 柳 松 梅 横 清 温 塘 "
    "洪 油 田 桥 太 永 吉 福 源 仙 凤 虎 水 东 西 南 北 中 月 云 山 岩 花 团"
)
SECOND_SIGNS = _words(
    "石 塘 冲 溪 湾 岭 坪 田 桥 山 江 洞 坳 井 园 庄 屋 坝 丰 树 泉 边 底 元 马 界 "
    "口 头 林 峰 峒 台 亭 段 竹 星"
)
COMMUNITY_NAMES = _words(
    "城东 城西 城南 城北 民主 建设 朝阳 解放 梅苑 资江 学府 火车站 汽车站 工农 "
    "向阳 园林 新城 滨江 大桥 北塔 天华 青石街 南门 永兴 十字街 新建 花园 锦绣 "
    "福景 崇阳 玉虚 安平"
)
SURNAMES = _words(
    "陈 刘 李 曾 罗 张 王 杨 邹 谢 袁 彭 康 伍 游 方 奉 卿 肖 周 吴 黄 曹 孙 胡 "
    "唐 邓 龙 段 戴 欧阳 廖 苏 易 贺 毛 梁 刁 扶 阳"
)
SURNAME_WEIGHTS = 1 / (np.arange(len(SURNAMES)) + 6.0)
MALE_SIGNS = _words(
    "建 国 华 军 伟 志 明 强 文 平 勇 辉 斌 杰 林 海 波 松 涛 鹏 祥 金 新 光 福 "
    "生 学 良 德 荣 立 宏 超 浩 宇 俊 毅 峰 初 求"
)
FEMALE_SIGNS = _words(
    "秀 英 梅 兰 芳 玉 红 丽 艳 霞 燕 娟 群 珍 桂 香 春 凤 莲 云 冬 菊 琴 静 婷 "
    "慧 雪 敏 莉 倩 琳 瑶 佳 思 雨 欣 怡 满 娥 清"
)
ONE_SIGN_SHARE = 0.22


def village_names(streams: Streams, township: str, count: int) -> list[str]:
    """Return village names, no two alike in a township."""
    every = [first + second for first in FIRST_SIGNS for second in SECOND_SIGNS]
    order = streams.of("village names", township).permutation(len(every))
    names = (every[at] for at in order.tolist())
    return [
        f"{name}村"
        for name, _ in zip(
            (name for name in names if name[0] != name[1]), range(count), strict=False
        )
    ]


def community_names(
    streams: Streams, township: str, township_name: str, count: int
) -> list[str]:
    """Return community names; the first of a market town is named for the town."""
    order = streams.of("community names", township).permutation(len(COMMUNITY_NAMES))
    names = [f"{COMMUNITY_NAMES[at]}社区" for at in order.tolist()]
    if township_name.endswith("街道"):
        return names[:count]
    stem = township_name.removesuffix("国有林场").rstrip("镇乡")
    return [f"{stem}社区", *names][:count]


def surnames(draws: Numbers) -> Texts:
    """Turn uniform numbers into surnames, frequent ones more often."""
    return np.array(SURNAMES, dtype=object)[chosen(draws, SURNAME_WEIGHTS)]


def given_names(draws: Numbers, is_male: NDArray[np.bool_]) -> Texts:
    """Turn uniform numbers into given names of one or two signs."""
    return np.where(is_male, _picked(draws, MALE_SIGNS), _picked(draws, FEMALE_SIGNS))


def _picked(draws: Numbers, signs: tuple[str, ...]) -> Texts:
    pairs = [a + b for a in signs for b in signs]
    is_one = draws < ONE_SIGN_SHARE
    ones = np.array(signs, dtype=object)
    one = ones[(draws / ONE_SIGN_SHARE * len(signs)).astype(int) % len(signs)]
    rest = (draws - ONE_SIGN_SHARE) / (1 - ONE_SIGN_SHARE)
    two = np.array(pairs, dtype=object)[(rest * len(pairs)).astype(int)]
    return np.asarray(np.where(is_one, one, two))

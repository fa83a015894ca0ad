"""Made-up names: towns, villages, people, offices. Nobody real is meant."""

from __future__ import annotations

from itertools import product

import numpy as np

from seeds.terrain import Ints

COUNTY_CODE, COUNTY_NAME = "990101", "安和县(示例)"
COUNTY_TOWN = "安和"

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN_FIRST = "建国志永春秀桂玉明文海金德红晓小家长立振国爱丽兰淑新庆世佳思雨子梓宏俊学光福兴树成云凤"
_GIVEN_SECOND = "华英明军平芳兰林生芝强梅峰霞民珍伟勇杰涛敏静丽娟燕玲琴山河江波云清香花萍文武安康宁祥瑞和顺"
_TOWN_FIRST = (
    "石桥 柳河 青山 龙泉 白杨 双河 清溪 永丰 太平 新集 望湖 东岗 桃园 枫林 银杏 麦岭 沙河 云台 长坪 槐店"
    " 古井 松岭 梅渡 金水 凤鸣 马岭 竹园 广济 黄土 仓房 三官 溪口 赤岗 杏花 平乐 高楼 丰乐 河湾 鹤塘 九里"
    " 茶亭 莲花 大营 小营 八里 官渡 花园 紫荆 回龙 盘石 玉泉 枣林 方城寨 月牙 红石 乌江口 灵山 白鹭 稻香 瓦店"
).split()
_TOWN_PREFIXES = ("", "上", "下", "新", "南", "北", "东", "西")
_ROOTS = (
    "石桥 柳树 槐树 杨树 枣园 桃园 梨园 竹园 松林 枫树 榆林 桑园 荷塘 莲塘 鱼塘 龙泉 清泉 白水 黑石 青石 红土"
    " 黄土 白沙 沙河 双河 三岔 大塘 古井 新庄 老庄 砖桥 木桥 关帝 土地 观音 文昌 南坡 北坡 前岗 后岗 高岗"
    " 长岭 短岭 马岭 牛岭 羊角 凤凰 燕子 喜鹊 白鹤 金鸡 卧牛 五里 七里 十里 八亩 九亩 万家 百户 粮仓 油坊"
    " 豆腐 铁匠 瓦窑 砖窑 石灰 水磨 碾盘 茶棚 花园 菜园 果园 麦场 稻田 芦苇 蒲草 菱角 小河 大河 上河 下河"
    " 东湾 西湾 南湾 北湾 大湾 小湾 月亮 太平 永安 永兴 永丰 和平 新兴 兴隆 团结 红星 光明 前进 建设 东风"
).split()
_ROOT_SUFFIXES = ("村", "沟村", "坡村", "铺村", "岗村", "湾村", "店村", "营村", "桥村", "坪村")
_FAMILY_SUFFIXES = (
    "庄村",
    "湾村",
    "楼村",
    "寨村",
    "营村",
    "岗村",
    "河村",
    "坡村",
    "集村",
    "洼村",
    "村",
    "沟村",
    "堂村",
)
_DOUBLED = {"湾": "湾", "岗": "岗", "坡": "坡", "沟": "沟", "桥": "桥", "坪": "坪", "河": "河"}
_COMMUNITY_ROOTS = (
    "东关 西关 南关 北关 人民路 文化路 建设路 解放路 新华 向阳 朝阳 滨河 河滨 城东 城西 城南 城北 西苑 东苑 康宁"
    " 幸福 和谐 民主 光明路 学府 桥头 站前 体育场 水岸 翠湖 锦绣 凤凰城 阳光 育才 迎宾 兴业 创业 金桥 银河 百花"
).split()
_DEPARTMENTS: tuple[tuple[str, str], ...] = (
    ("县委办公室", "party"),
    ("县委组织部", "party"),
    ("县委宣传部", "party"),
    ("县委统战部", "party"),
    ("县纪委监委机关", "party"),
    ("县总工会", "party"),
    ("团县委", "party"),
    ("县妇联", "party"),
    ("县委党校", "party"),
    ("县直机关工委", "party"),
    ("县委政法委", "political_legal"),
    ("县公安局", "political_legal"),
    ("县人民法院", "political_legal"),
    ("县人民检察院", "political_legal"),
    ("县司法局", "political_legal"),
    ("县信访局", "political_legal"),
    ("县发展和改革委员会", "economic"),
    ("县财政局", "economic"),
    ("县农业农村局", "economic"),
    ("县水利局", "economic"),
    ("县林业局", "economic"),
    ("县交通运输局", "economic"),
    ("县自然资源局", "economic"),
    ("县商务局", "economic"),
    ("县工业和信息化局", "economic"),
    ("县税务局", "economic"),
    ("县供电公司", "economic"),
    ("县农村信用联社", "economic"),
    ("县供销合作社", "economic"),
    ("县市场监督管理局", "economic"),
    ("县住房和城乡建设局", "economic"),
    ("县审计局", "economic"),
    ("县统计局", "economic"),
    ("县教育局", "other"),
    ("县卫生健康委员会", "other"),
    ("县民政局", "other"),
    ("县人力资源和社会保障局", "other"),
    ("县文化和旅游局", "other"),
    ("县应急管理局", "other"),
    ("县医疗保障局", "other"),
    ("县退役军人事务局", "other"),
    ("县残疾人联合会", "other"),
    ("县气象局", "other"),
    ("县第一高级中学", "other"),
    ("县人民医院", "other"),
    ("县政府办公室", "other"),
    ("县人大办公室", "other"),
    ("县政协办公室", "other"),
)
_OFFICES = (
    "办公室",
    "人事股",
    "财务股",
    "业务股",
    "法规股",
    "综合股",
    "督查股",
    "项目股",
    "宣教股",
    "信息股",
)


def township_names(count: int) -> list[str]:
    """Names without their ending; the first is the county town's."""
    plain = [COUNTY_TOWN] + [prefix + name for prefix, name in product(_TOWN_PREFIXES, _TOWN_FIRST)]
    return plain[:count]


def township_endings(count: int) -> list[str]:
    """镇 or 乡 for every township: the larger two thirds are 镇, at least the first two."""
    towns = max(2, round(count * 0.68))
    return ["镇" if number < towns else "乡" for number in range(count)]


def village_names(is_community: np.ndarray, township: Ints, rng: np.random.Generator) -> list[str]:
    """A name for each village or community, never twice in one township."""
    rural = _rural_names()
    urban = [f"{root}社区" for root in _COMMUNITY_ROOTS] + [f"{root}街社区" for root in _ROOTS]
    names = np.empty(len(township), dtype=object)
    for town in range(int(township.max()) + 1):
        for pool, members in (
            (rural, np.flatnonzero((township == town) & ~is_community)),
            (urban, np.flatnonzero((township == town) & is_community)),
        ):
            names[members] = rng.choice(pool, len(members), replace=False)
    return [str(name) for name in names]


def _rural_names() -> list[str]:
    landmarks = [
        root + suffix
        for root, suffix in product(_ROOTS, _ROOT_SUFFIXES)
        if root[-1] != suffix[0] and not (root[-1] in _DOUBLED and suffix[0] in _DOUBLED)
    ]
    families = [
        surname + middle + suffix
        for surname, middle, suffix in product(_SURNAMES, ("家", "大", "小"), _FAMILY_SUFFIXES)
        if middle == "家" or suffix != "村"
    ]
    return landmarks[::2] + families[::3] + families[::2][:200]


def person_names(count: int, rng: np.random.Generator) -> np.ndarray:
    """Names of people; common surnames come more often."""
    weight = 1 / (np.arange(len(_SURNAMES)) + 8)
    surname = rng.choice(list(_SURNAMES), count, p=weight / weight.sum())
    first = rng.choice(list(_GIVEN_FIRST), count)
    second = np.where(rng.random(count) < 0.82, rng.choice(list(_GIVEN_SECOND), count), "")
    return np.char.add(np.char.add(surname, first), second).astype(object)


def phone_numbers(count: int, rng: np.random.Generator) -> np.ndarray:
    """Eleven digits that no network gives out: they begin with 100."""
    return np.char.add("100", np.char.zfill(rng.integers(0, 10**8, count).astype(str), 8)).astype(object)


def departments(count: int) -> list[tuple[str, str]]:
    """County departments with their kind; all kinds are there however few are asked for."""
    spread = sorted(range(len(_DEPARTMENTS)), key=lambda place: (place * 17) % len(_DEPARTMENTS))
    return [_DEPARTMENTS[place] for place in sorted(spread[:count])]


def office_names() -> tuple[str, ...]:
    """Names of sub-offices (股所) within a department."""
    return _OFFICES

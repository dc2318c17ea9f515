"""How a name may be read (读音): initials and whole syllables, with the readings that surnames have of their own.

pypinyin reads a surname as the everyday word. Whoever types 单 as shan and whoever types dan both find the family.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, lazy_pinyin

MOST_CHARACTERS = 8  # longer names are found by their beginning
_MOST_READINGS = 8
_MOST_SPELLINGS = 4

# two initials where families differ
_SURNAME_INITIALS: dict[str, str] = {
    "曾": "z", "仇": "q", "解": "x", "单": "s", "区": "o", "冼": "x", "查": "z", "盖": "g",
    "翟": "zd", "尉": "wy", "乐": "yl", "覃": "qt", "朴": "p", "缪": "m", "种": "c", "任": "r",
    "洗": "x", "繁": "p", "员": "y", "秘": "b", "折": "s", "黑": "h", "冯": "f", "牟": "m",
    "薄": "b", "召": "s", "纪": "j", "葛": "g", "宁": "n", "燕": "y", "华": "h", "应": "y",
    "令": "l", "訾": "z", "隗": "wk", "郗": "xc", "祭": "z", "逄": "p", "万": "w", "尹": "y",
    "郇": "xh", "车": "c", "那": "n", "过": "g", "晟": "c", "臧": "z", "鲜": "x", "石": "s",
    "贾": "j", "俞": "y", "於": "y", "佘": "s", "沈": "s", "褚": "c", "卜": "b", "晁": "c",
    "靳": "j", "谌": "cs", "逯": "l", "撒": "s", "观": "g", "降": "j", "重": "c", "长": "z",
}  # fmt: skip
_COMPOUND_INITIALS = {"万俟": "mq", "尉迟": "yc", "单于": "cy", "澹台": "tt", "长孙": "zs"}
_GIVEN_INITIALS: dict[str, str] = {
    "重": "cz", "长": "cz", "乐": "ly", "行": "xh", "朝": "cz", "茜": "qx", "娜": "n", "调": "td",
    "曾": "zc", "藏": "cz", "传": "cz", "贞": "z", "阿": "ae", "盛": "sc", "省": "sx", "石": "sd",
    "单": "ds", "参": "cs", "弹": "td", "虹": "hj", "绿": "l", "柏": "b", "秘": "mb", "系": "xj",
}  # fmt: skip

# what a surname is read as beside its everyday reading
_SURNAMES: dict[str, str] = {
    "曾": "zeng", "仇": "qiu", "解": "xie", "单": "shan", "区": "ou", "查": "zha", "盖": "ge",
    "翟": "zhai", "尉": "yu", "乐": "yue", "覃": "qin", "朴": "piao", "缪": "miao", "种": "chong",
    "洗": "xian", "繁": "po", "员": "yun", "秘": "bi", "折": "she", "黑": "he", "牟": "mu",
    "薄": "bo", "召": "shao", "隗": "wei", "郗": "chi", "祭": "zhai", "郇": "xun", "谌": "shen",
    "卜": "bu", "重": "chong",
}  # fmt: skip
_COMPOUNDS = {
    "万俟": "moqi", "尉迟": "yuchi", "单于": "chanyu", "澹台": "tantai", "长孙": "zhangsun",
}  # fmt: skip
_GIVEN: dict[str, str] = {
    "重": "chong", "长": "chang", "乐": "yue", "行": "hang", "朝": "zhao", "茜": "xi", "盛": "cheng",
    "曾": "zeng", "传": "zhuan", "石": "dan", "单": "shan", "柏": "bai", "娜": "na", "调": "tiao",
}  # fmt: skip


def initials(name: str) -> list[str]:
    """Return how the initials of a name may be typed: 曾重庆 is zcq and zzq."""
    name = _letters(name)
    if compound := _COMPOUND_INITIALS.get(name[:2]):
        first, rest = [compound], name[2:]
    else:
        first, rest = list(_SURNAME_INITIALS.get(name[:1]) or _initial(name[:1])), name[1:]
    choices = [first, *(list(_GIVEN_INITIALS.get(each) or _initial(each)) for each in rest)]
    # a character that nobody can read is passed over, not the whole name
    return ["".join(one) for one in islice(product(*filter(None, choices)), _MOST_READINGS)]


def spellings(name: str) -> list[tuple[str, ...]]:
    """Return how a name may be spelt, syllable by syllable: 单英 is shan ying and dan ying."""
    name = _letters(name)
    if compound := _COMPOUNDS.get(name[:2]):
        first, rest = _both(compound, "".join(_syllable(each) for each in name[:2])), name[2:]
    else:
        first, rest = _both(_SURNAMES.get(name[:1], ""), _syllable(name[:1])), name[1:]
    choices = [first, *(_both(_syllable(each), _GIVEN.get(each, "")) for each in rest)]
    return list(islice(product(*filter(None, choices)), _MOST_SPELLINGS))


def begun(typed: str) -> list[tuple[str, str]]:
    """Return how typed letters may be whole syllables and one begun: huofe is huo and f, with the initials hf.

    The longest whole part comes first.
    """
    found: dict[str, str] = {}
    for parts in _cut(typed):
        whole, rest = parts[:-1], parts[-1]
        if whole and rest:
            found.setdefault("".join(whole), "".join(each[0] for each in (*whole, rest)))
    return sorted(found.items(), key=lambda pair: -len(pair[0]))


def _cut(typed: str) -> list[tuple[str, ...]]:
    """Return the ways to read letters as syllables with a begun one (or nothing) at the end."""
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[tuple[str, ...], str]] = [((), typed)]
    while waiting and len(found) < _MOST_READINGS:
        whole, rest = waiting.pop()
        if not rest or rest in _BEGINNINGS:
            found.append((*whole, rest))
        waiting += [
            ((*whole, rest[:length]), rest[length:])
            for length in range(1, min(_LONGEST, len(rest)) + 1)
            if rest[:length] in _SYLLABLES and len(whole) < MOST_CHARACTERS
        ]
    return found


_LONGEST = 6  # zhuang
_SYLLABLES = frozenset((  # noqa: SIM905 - a word list
    "a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai "
    "can cang cao ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua "
    "chuai chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de "
    "den deng di dian diao die ding diu dong dou du duan dui dun duo e en eng er fa fan fang "
    "fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai "
    "guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan "
    "huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai "
    "kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao "
    "le lei leng li lia lian liang liao lie lin ling liu long lou lu luan lun luo lv lve ma "
    "mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang "
    "nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve "
    "o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian "
    "qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou "
    "ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she "
    "shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui "
    "sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo "
    "wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan "
    "xue xun ya yan yang yao ye yi yin ying yong you yu yuan yue yun za zai zan zang zao ze "
    "zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan "
    "zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo "
).split())  # fmt: skip
_BEGINNINGS = frozenset(one[:length] for one in _SYLLABLES for length in range(1, len(one)))


def _letters(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum())[:MOST_CHARACTERS]


def _both(*readings: str) -> list[str]:
    return [one for one in dict.fromkeys(readings) if one]


@lru_cache(maxsize=16_384)
def _syllable(character: str) -> str:
    """Return how a character is read: a Latin letter or digit as itself, nothing when nobody can say."""
    if not character or character.isascii():
        return character
    [reading] = lazy_pinyin(character, style=Style.NORMAL, errors="ignore") or [""]
    return reading


def _initial(character: str) -> str:
    return _syllable(character)[:1]

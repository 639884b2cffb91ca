"""How a Chinese name is read: the pinyin of its characters, as far as a short table knows them.

The characters of the first level of GB 2312 stand in the order of their reading, so a list of where each syllable
begins reads all 3,755. Rarer characters that names like are listed one by one; any other may be read in any way (ANY).
"""

import bisect

ANY = "*"
"""A character whose reading is not known."""
_BEGIN = """a啊 ai埃 an鞍 ang肮 ao凹 ba芭 bai白 ban斑 bang邦 bao苞 bei杯 ben奔 beng崩 bi逼 bian鞭 biao标 bie鳖 bin彬
bing兵 bo玻 bu捕 ca擦 cai猜 can餐 cang苍 cao操 ce厕 ceng层 cha插 chai拆 chan搀 chang昌 chao超 che车 chen郴
cheng撑 chi吃 chong充 chou抽 chu初 chuai揣 chuan川 chuang疮 chui吹 chun春 chuo戳 ci疵 cong聪 cou凑 cu粗 cuan蹿
cui摧 cun村 cuo磋 da搭 dai呆 dan耽 dang当 dao刀 de德 deng蹬 di堤 dian颠 diao碉 die跌 ding丁 diu丢 dong东 dou兜
du都 duan端 dui堆 dun墩 duo掇 e蛾 en恩 er而 fa发 fan藩 fang坊 fei菲 fen芬 feng丰 fo佛 fou否 fu夫 ga噶 gai该
gan干 gang冈 gao篙 ge哥 gei给 gen根 geng耕 gong工 gou钩 gu辜 gua刮 guai乖 guan棺 guang光 gui瑰 gun辊 guo锅
ha哈 hai骸 han酣 hang夯 hao壕 he呵 hei嘿 hen痕 heng哼 hong轰 hou喉 hu呼 hua花 huai槐 huan欢 huang荒 hui灰
hun荤 huo豁 ji击 jia嘉 jian歼 jiang僵 jiao蕉 jie揭 jin巾 jing荆 jiong炯 jiu揪 ju鞠 juan捐 jue撅 jun均 ka喀
kai开 kan刊 kang康 kao考 ke坷 ken肯 keng坑 kong空 kou抠 ku枯 kua夸 kuai块 kuan宽 kuang匡 kui亏 kun坤 kuo括
la垃 lai莱 lan蓝 lang琅 lao捞 le勒 lei雷 leng棱 li厘 lia俩 lian联 liang凉 liao撩 lie列 lin琳 ling拎 liu溜
long龙 lou楼 lu芦 lv驴 luan峦 lue掠 lun抡 luo萝 ma妈 mai埋 man瞒 mang芒 mao猫 me么 mei玫 men门 meng萌 mi眯
mian棉 miao苗 mie蔑 min民 ming明 miu谬 mo摸 mou谋 mu拇 na拿 nai氖 nan南 nang囊 nao挠 ne呢 nei馁 nen嫩 neng能
ni妮 nian蔫 niang娘 niao鸟 nie捏 nin您 ning柠 niu牛 nong脓 nu奴 nv女 nuan暖 nue虐 nuo挪 o哦 ou欧 pa啪 pai拍
pan攀 pang乓 pao抛 pei呸 pen喷 peng砰 pi坯 pian篇 piao飘 pie撇 pin拼 ping乒 po坡 pou剖 pu扑 qi期 qia掐 qian牵
qiang枪 qiao橇 qie切 qin钦 qing青 qiong琼 qiu秋 qu趋 quan圈 que缺 qun裙 ran然 rang瓤 rao饶 re惹 ren壬 reng扔
ri日 rong戎 rou揉 ru茹 ruan软 rui蕊 run闰 ruo若 sa撒 sai腮 san三 sang桑 sao搔 se瑟 sen森 seng僧 sha莎 shai筛
shan珊 shang墒 shao梢 she奢 shen砷 sheng声 shi师 shou收 shu蔬 shua刷 shuai摔 shuan栓 shuang霜 shui谁 shun吮
shuo说 si斯 song松 sou搜 su苏 suan酸 sui虽 sun孙 suo蓑 ta塌 tai胎 tan坍 tang汤 tao掏 te特 teng藤 ti梯 tian天
tiao挑 tie贴 ting厅 tong通 tou偷 tu凸 tuan湍 tui推 tun吞 tuo拖 wa挖 wai歪 wan豌 wang汪 wei威 wen瘟 weng嗡 wo挝
wu巫 xi昔 xia瞎 xian掀 xiang相 xiao萧 xie楔 xin薪 xing星 xiong兄 xiu休 xu墟 xuan轩 xue靴 xun勋 ya压 yan焉
yang殃 yao邀 ye椰 yi一 yin茵 ying英 yo哟 yong拥 you幽 yu迂 yuan鸳 yue曰 yun耘 za匝 zai栽 zan咱 zang赃 zao遭
ze责 zei贼 zen怎 zeng增 zha扎 zhai摘 zhan瞻 zhang樟 zhao招 zhe遮 zhen珍 zheng蒸 zhi芝 zhong中 zhou舟 zhu珠
zhua抓 zhuai拽 zhuan专 zhuang桩 zhui椎 zhun谆 zhuo捉 zi兹 zong鬃 zou邹 zu租 zuan钻 zui嘴 zun尊 zuo昨"""
_MORE = """yan闫晏鄢焱 miao缪淼 qin覃 tan覃 tong佟仝 xian冼 min闵旻 teng滕 chu褚 yu於庾瑜钰煜 qu瞿璩麴 qi綦亓琪祺淇绮
she佘 ji嵇稷 kui隗 wei隗玮炜薇 di邸 gao郜 li郦 lin蔺 chao晁 zan昝 lu逯璐 xu胥栩 dou窦 rui芮 xun荀洵 kan阚 hao昊皓颢
hui晖蕙 han晗瀚 ye晔烨 jun珺 kun琨锟 chen琛 jin瑾 xuan璇萱暄 ting婷 jie婕 yan嫣 zheng铮 xin鑫昕馨 yi熠怡懿祎翊轶漪
kai恺铠锴 sheng晟 xi曦禧 nan楠 rong榕 zhen桢 zi梓 hong泓 ying滢 shu澍 yue玥 ke珂 jue珏 heng珩 zhang璋 yun筠芸韫
qian芊茜骞 ran苒 quan荃 jing菁 bei蓓 zhao钊 tao韬 xiao骁 hua骅 lan岚 jie颉 bin斌 heng蘅 kang伉 lin霖"""
_FAMILY = """shan单 xie解 qiu仇 zha查 ou区 piao朴 ge盖 zhai翟 yue乐 zeng曾 ping平 hua华 ren任 wan万 xiao肖"""
"""Read so as a family name, besides the usual reading."""
_ALSO = """zhao朝 yue乐 chang长 zhang长 xing行 hang行 zhong重 chong重 jing劲 hao好 le乐 bo伯 yao要 xing兴 cheng乘"""

_STARTS = [(word[-1].encode("gb2312"), word[:-1]) for word in _BEGIN.split()]
_KEYS = [start for start, _ in _STARTS]
_LAST = "座".encode("gb2312")


def _table(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in text.split():
        reading = "".join(one for one in word if one.isascii())
        for one in word[len(reading) :]:
            found[one] = (*found.get(one, ()), reading)
    return found


_LISTED, _FAMILIES, _OTHER = _table(_MORE), _table(_FAMILY), _table(_ALSO)
_COMPOUND = "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 长孙 宇文 独孤 南宫 端木"
COMPOUND = frozenset(_COMPOUND.split())
"""Family names of two characters."""


def readings(character: str, *, family: bool = False) -> frozenset[str]:
    """How a character may be read; ANY alone when that is not known."""
    found = {*_LISTED.get(character, ()), *_OTHER.get(character, ())}
    if family:
        found |= set(_FAMILIES.get(character, ()))
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        code = b""
    if len(code) == 2 and _KEYS[0] <= code <= _LAST:
        found.add(_STARTS[bisect.bisect_right(_KEYS, code) - 1][1])
    return frozenset(found or {ANY})


SYLLABLES = frozenset(reading for _, reading in _STARTS)
"""Every syllable without tones; ü is v."""

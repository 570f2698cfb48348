"""Acts: every verb that stands on the trail, with what people call it.

``tests/access/test_trail_acts.py`` finds whatever is recorded and has no title here.
"""

TITLES: dict[str, tuple[str, str]] = {
    "signed_in": ("登录", "signed in"),
    "signed_out": ("退出登录", "signed out"),
    "signed_out_everywhere": ("退出所有设备", "signed out everywhere"),
    "signed_in_by_single_sign_on": ("统一身份登录", "signed in by single sign-on"),
    "failed_single_sign_on": ("统一身份登录失败", "failed single sign-on"),
    "bound_subject": ("绑定统一身份", "bound an account to the single sign-on"),
    "failed_second_factor": ("验证码错误", "wrong code of the second factor"),
    "began_second_factor": ("发起二次验证", "began a second factor"),
    "enrolled_second_factor": ("启用二次验证", "enrolled a second factor"),
    "removed_second_factor": ("停用二次验证", "removed a second factor"),
    "reset_second_factor": ("重置二次验证", "reset a second factor"),
    "ended_session": ("退出另一设备", "ended a session elsewhere"),
    "locked_out": ("登录失败过多，暂停登录", "sign-in paused after wrong passwords"),
    "added_token": ("新建访问令牌", "made an access token"),
    "removed_token": ("删除访问令牌", "removed an access token"),
    "added_account": ("新建账号", "made an account"),
    "changed_account": ("更改账号角色或范围", "changed an account"),
    "disabled_account": ("停用账号", "disabled an account"),
    "enabled_account": ("启用账号", "enabled an account"),
    "changed_password": ("更改口令", "changed a password"),
    "revealed": ("查看居民原文", "revealed a resident's data"),
    "reported_matter": ("上报事项", "reported a matter"),
    "acted_on_matter": ("办理事项", "acted on a matter"),
    "looked_up": ("按证件号查找居民", "looked a resident up by number"),
    "rotated_key": ("更换主密钥", "rotated the master key"),
    "forgot_keys": ("删除旧密钥", "removed retired keys"),
    "searched_number": ("按号码查找居民", "searched a resident by number"),
    "exported": ("导出图层", "exported a layer"),
    "exported_trail": ("导出日志", "exported the trail"),
    "saw_alert": ("查看告警", "looked at an alert"),
    "imported": ("导入数据", "imported a file"),
    "undid_import": ("撤销导入", "undid an import"),
    "retained": ("清理期满数据", "forgot what was past its retention"),
    "loaded_demo": ("装入演示数据", "loaded the demonstration county"),
    "backed_up": ("备份数据库", "backed the database up"),
    "restored": ("恢复数据库", "restored the database"),
}
"""Act to its Chinese and English title."""


def title(act: str) -> str:
    """Return the Chinese title of an act; the act itself where it has none."""
    return TITLES[act][0] if act in TITLES else act

"""Refusal codes: persons and what is kept of them."""

CODES: dict[str, tuple[str, str]] = {
    "person_data_not_found": ("There is no such person.", "没有该人员。"),
    "family_not_found": ("There is no such family.", "没有该家庭。"),
    "person_data_erased": (
        "The data of person {person_id} were erased on {erased_on}.",
        "人员{person_id}的个人信息已于{erased_on}删除。",
    ),
    "person_data_unreadable": (
        "The data of person {person_id} cannot be read: they were changed or exchanged, or their key is missing.",
        "人员{person_id}的个人信息无法读取：内容被改动或调换，或密钥缺失。",
    ),
    "people_master_key_missing": (
        "The master key file {file} is missing, and there are keys that it wraps: put it back.",
        "主密钥文件{file}缺失，而已有由其保护的密钥，请恢复该文件。",
    ),
    "people_master_key_open": (
        "The master key file {file} may be read by others than its owner: chmod 600.",
        "主密钥文件{file}可被所有者以外的用户读取，请执行 chmod 600。",
    ),
    "people_master_key_malformed": ("The file {file} is no master key file.", "文件{file}不是主密钥文件。"),
    "person_data_not_own": (
        "Person {person_id} was written by another; only its writer changes it.",
        "人员{person_id}由他方登记，仅登记方可以修改。",
    ),
    "person_refund_pending": (
        "Refund {refund_id} is not paid yet, and this person's payment route may be its way: erase it afterwards.",
        "退费{refund_id}尚未支付，可能须经该人员的收款账户退回，请在支付后再删除。",
    ),
    "person_routes_many": ("A person has at most {limit} payment routes.", "每名人员最多{limit}个收款账户。"),
    "route_taken": ("The route {route} stands for another account already.", "收款标识{route}已对应另一账户。"),
    "reveal_reason_missing": ("Personal data are revealed for a reason only: give one.", "查看个人信息须说明理由。"),
}

"""Refusal codes: machine clients."""

CODES: dict[str, tuple[str, str]] = {
    "client_id_malformed": (
        "A client id is 1 to 64 letters, digits, dots, underscores or hyphens.",
        "客户端标识须为1至64个字母、数字、点、下划线或连字符。",
    ),
    "client_exists": ("Client {client_id} exists already.", "客户端{client_id}已存在。"),
    "client_not_found": ("There is no client {client_id}.", "没有客户端{client_id}。"),
    "client_scope_not_allowed": (
        "The role {role} cannot hold the permission {scope}.",
        "角色{role}不能拥有权限{scope}。",
    ),
    "client_bindings_wrong": (
        "A bank is bound to one bank code, an institution, parent, regulator to ids of its kind, an operator to none.",
        "银行须绑定一个银行代码，机构、家长、监管方须绑定各自的标识，运维不绑定。",
    ),
    "client_key_wrong": (
        "The key set must hold 1 to 8 public keys, Ed25519, P-256 or RSA of 2048 bits, with distinct key ids.",
        "密钥集须含1至8个公钥（Ed25519、P-256或2048位RSA），且kid互不相同。",
    ),
}

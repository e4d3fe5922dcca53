"""Refusal codes: packs of files."""

CODES: dict[str, tuple[str, str]] = {
    "pack_directory_taken": (
        "{directory} is there already: a pack goes into a directory of its own.",
        "{directory}已存在，材料包须写入新目录。",
    ),
    "pack_key_malformed": (
        "The file {file} is no signing key of packs (64 hexadecimal digits).",
        "文件{file}不是材料包签名密钥（64位十六进制）。",
    ),
}

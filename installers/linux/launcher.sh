#!/bin/sh
# 程序自带 Python，不使用系统的；-I 使环境变量和使用者自己的组件不混进来
here=$(dirname "$(readlink -f "$0")")
exec "$here/runtime/bin/python3.11" -I -X utf8 -m ui "$@"

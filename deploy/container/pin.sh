#!/bin/sh
# Write the digests of the images that Containerfile and compose.yml name, so that they cannot change under their tags.
# Needs docker and an image registry; run it again to take newer images of the same tags.
set -eu
cd "$(dirname "$0")"
sed -nE 's/^ *(FROM|image:) ([^ @]+\/[^ @]+)(@[^ ]+)?.*/\2/p' Containerfile compose.yml | sort -u | while read -r image; do
  docker pull -q "$image" >/dev/null
  pinned=$(docker image inspect --format '{{index .RepoDigests 0}}' "$image")
  sed -i -E "s#((FROM|image:) )$image(@sha256:[0-9a-f]+)?#\\1$image@${pinned#*@}#" Containerfile compose.yml
  echo "$image@${pinned#*@}"
done

#!/usr/bin/env bash
# Builds the utility image from Debian packages and Go modules, and saves it as an OCI archive.
#   utility/build.sh [--program-only]
# Needs Go; for the image also buildah, apt-get, dpkg-deb, a Debian's package lists, and root.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$here/../.cache/utility"
name="localhost/berth-utility:latest"
mkdir -p "$out"
out="$(cd "$out" && pwd)"

version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$here/../package.json")"
build_program() {
  (cd "$here" && CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath -mod=readonly" \
    go build -ldflags "-s -w -X main.version=$version" -o "$1/nublado" ./cmd/nublado)
  printf 'program: %s, %s bytes\n' "$1/nublado" "$(stat -c %s "$1/nublado")"
}
if [ "${1:-}" = "--program-only" ]; then
  build_program "$out"
  ln -sf nublado "$out/worblehat"
  exit 0
fi

context="$out/context"
rm -rf "$context"
mkdir -p "$context/base" "$out/packages"

mapfile -t packages < <(grep -v '^#' "$here/image/packages.txt")
(cd "$out/packages" && rm -f ./*.deb && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}")

base="$context/base"
# Debian's directories are one: without these links each package would bring its own /bin or /lib.
mkdir -p "$base/usr/bin" "$base/usr/sbin" "$base/usr/lib" "$base/usr/lib64" "$base/var/lib/dpkg/status.d" "$base/etc/ssl/certs"
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$base/$directory"; done
for package in "$out"/packages/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner --keep-directory-symlink -C "$base"
  # Where scanners look for what an image is made of.
  dpkg-deb --field "$package" > "$base/var/lib/dpkg/status.d/$(dpkg-deb --field "$package" Package)"
done
cat "$base"/usr/share/ca-certificates/mozilla/*.crt > "$base/etc/ssl/certs/ca-certificates.crt"

# Licences stay; manuals, translations and character sets that nothing here reads go.
find "$base/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$base"/usr/share/{man,locale,info,lintian,bug,menu,bash-completion,ca-certificates,initramfs-tools,debianutils} \
  "$base"/usr/share/doc/*/{examples,html} "$base"/usr/lib/*/gconv "$base"/usr/lib/*/perl* "$base"/usr/share/rsync \
  "$base"/etc/{init.d,default,cron*,update-motd.d,motd,issue,issue.net,host.conf} \
  "$base"/{boot,home,media,srv,opt,usr/games,usr/src,usr/local/man,var/backups,var/local,var/spool,var/mail,var/cache} \
  "$base"/lib/systemd "$base"/usr/lib/locale "$base"/usr/lib/*/audit
find "$base" -depth -type d -empty -path '*/usr/share/doc/*' -delete

cp -a "$here/image" "$context/image"
rm "$context/image/packages.txt"
build_program "$context"

# The storage is our own, so that no configuration of the machine matters.
store=(--storage-driver vfs --root "$out/storage" --runroot "$out/run")
buildah "${store[@]}" build --isolation chroot --pull-never --no-cache --label "org.opencontainers.image.version=$version" \
  --quiet -t "$name" -f "$here/Dockerfile" "$context"
rm -f "$out/berth-utility.oci.tar"
buildah "${store[@]}" push --quiet "$name" "oci-archive:$out/berth-utility.oci.tar:berth-utility:latest"
printf 'image: %s\n' "$name"
printf 'archive: %s, %s bytes\n' "$out/berth-utility.oci.tar" "$(stat -c %s "$out/berth-utility.oci.tar")"

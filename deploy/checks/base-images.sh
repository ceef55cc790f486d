#!/usr/bin/env bash
# Makes the two .NET base images from this machine's own .NET, under their usual names, so that the Dockerfiles build
# unchanged where no image can be pulled; and, of Debian's package, the PostgreSQL image that POSTGRES_IMAGE names.
# Usage: base-images.sh (the engine is the one DOCKER_HOST names)
set -euo pipefail

sdk_image=${SDK_IMAGE:-mcr.microsoft.com/dotnet/sdk:10.0}
runtime_image=${RUNTIME_IMAGE:-mcr.microsoft.com/dotnet/aspnet:10.0}
postgres_image=${POSTGRES_IMAGE:-}
here=$(dirname "$(readlink -f "$0")")
# Every engine on the way reads these modes; a private umask would lock the images' own user out.
umask 022

dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,etc,home/app,lib64,proc,root,run,sys,tmp,usr/bin,usr/lib,usr/share,var/tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"

# Copies a file with the libraries that it is linked to, all under their own paths.
add() {
  local file
  for file in "$@"; do
    file=$(readlink -f "$file")
    printf '%s\n' "$file"
    ldd "$file" 2>/dev/null | awk '/=> \//{print $3} /^[[:space:]]*\//{print $1}' || true
  done | sort -u | while read -r file; do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
}

for tool in bash cat cp env getent id ls mkdir rm sleep test timeout touch tr; do
  path=$(type -P "$tool")
  add "$path"
  [ "$(readlink -f "$path")" = "/usr/bin/$tool" ] || cp "$root$(readlink -f "$path")" "$root/usr/bin/$tool"
done
ln -sf /usr/bin/bash "$root/bin/sh"
ln -sf /usr/bin/bash "$root/bin/bash"
ln -sf /usr/bin/env "$root/bin/env"

libraries=$(dirname "$(ldconfig -p | awk '/libc\.so\.6 .*x86-64|libc\.so\.6 .*AArch64/{print $NF; exit}')")
# Loaded by name at run time, so ldd does not see them.
for name in libssl.so.3 libcrypto.so.3 libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
  [ -e "$libraries/$name" ] && add "$libraries/$name" && cp -L "$libraries/$name" "$root$libraries/$name"
done
ldd "$dotnet_root/dotnet" | awk '/^[[:space:]]*\/lib64\//{print $1}' | while read -r loader; do cp -L "$loader" "$root$loader"; done

cp -rL /etc/ssl "$root/etc/ssl"
cp -r /usr/share/zoneinfo "$root/usr/share/zoneinfo"
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\napp:x:1654:\npostgres:x:999:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
chown 1654:1654 "$root/home/app"

if [ -n "$postgres_image" ]; then
  postgres=$(find /usr/lib/postgresql -maxdepth 1 -name '[0-9]*' | sort -V | tail -n 1)
  tools=$root root=$work/postgres
  cp -a "$tools" "$root"
  # All but compilation at run time, which would bring LLVM along.
  add "$postgres"/bin/{postgres,initdb,pg_ctl,pg_isready,psql} "$postgres"/lib/{plpgsql,dict_snowball}.so
  cp "$here/postgres-entrypoint.sh" "$root/usr/bin/postgres-entrypoint"
  mkdir -p "$root$postgres" "$root/usr/share/postgresql" "$root"/{var/lib,run,docker-entrypoint-initdb.d}
  cp -rL "/usr/share/postgresql/${postgres##*/}" "$root/usr/share/postgresql/"
  install -d -o 999 -g 999 "$root/var/lib/postgresql" "$root/run/postgresql"
  ln -sfn /run "$root/var/run"
  tar -C "$root" -c . | docker import --change "ENV PATH=$postgres/bin:/usr/bin:/bin" --change "USER 999" --change "EXPOSE 5432" \
    --change 'ENTRYPOINT ["postgres-entrypoint"]' - "$postgres_image" >/dev/null
  root=$tools
fi

add "$dotnet_root/dotnet" "$dotnet_root"/shared/Microsoft.NETCore.App/*/*.so
mkdir -p "$root/usr/share/dotnet"
cp -r "$dotnet_root"/{dotnet,host,shared} "$root/usr/share/dotnet/"
ln -sf /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"

environment=(
  --change "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  --change "ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true"
)
tar -C "$root" -c . | docker import "${environment[@]}" - "$runtime_image" >/dev/null

# The SDK's image: the rest of the .NET folder on top. What this machine needs to reach its package feed goes along.
cp -r "$dotnet_root"/. "$root/usr/share/dotnet/"
certificates=$(readlink -f "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}")
mkdir -p "$root$(dirname "$certificates")" && cp "$certificates" "$root$certificates"
tar -C "$root" -c . | docker import "${environment[@]}" \
  --change "ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NUGET_XMLDOC_MODE=skip" \
  --change "ENV NUGET_CERT_REVOCATION_MODE=${NUGET_CERT_REVOCATION_MODE:-online} SSL_CERT_FILE=$certificates" \
  - "$sdk_image" >/dev/null
docker image ls --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep -F -e "$sdk_image" -e "$runtime_image" ${postgres_image:+-e "$postgres_image"}

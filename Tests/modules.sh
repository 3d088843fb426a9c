# shellcheck shell=bash disable=SC2034,SC2154
# For scripts that compile kerb's modules by themselves, with instruments that a package's build has not: the
# dependencies are taken, as they are, from the debug build of kerb. Sourced with `build` set, a folder.
#
# It sets `modules` in their order, `common` flags of the compiler, `objects` and `libraries` to link, and defines
# `compile_all` and `objects_of`.

debug=.build/debug
linking=$debug/kerb.product/Objects.LinkFileList
modules=(Patches PatchEngine Claims Git Processes Upstream Images Journal Reports Workspace)
mkdir -p "$build/dependencies"

includes=(-I "$build" -I "$build/dependencies")
for folder in Sources/C*/ .build/checkouts/*/Sources/*/include/; do
  # What an older kerb depended on may still be there.
  if [ -e "$folder/module.modulemap" ] && { [[ $folder = Sources/* ]] ||
    grep -q "/$(basename "${folder%/include/}").build/" "$linking"; }; then
    includes+=(-I "$folder")
  fi
done
for module in "$debug"/Modules/*.swiftmodule; do
  ln -sf "$PWD/$module" "$build/dependencies/"
done
own=()
for module in kerb "${modules[@]}"; do
  rm -f "$build/dependencies/$module.swiftmodule"
  own+=(-e "/$module.build/")
done
mapfile -t objects < <(grep -v "${own[@]}" "$linking" | tr -d "'")
read -ra libraries <<<"$(pkg-config --cflags --libs libgit2 libarchive libdeflate yaml-0.1) -lz -lstdc++"

common=(-swift-version 6 -gline-tables-only -parse-as-library -enable-testing -package-name kerb
  -module-cache-path "$build/cache" "${includes[@]}")

# MODULE…: what was made of them.
objects_of() { printf "$build/%s.o\n" "$@"; }

# FOLDER MODULE: true where what was made of a module is older than its sources.
is_stale() {
  [ ! -e "$build/$2.o" ] || [ Tests/modules.sh -nt "$build/$2.o" ] || [ -n "$(find "$1" -newer "$build/$2.o" -print -quit)" ]
}

# FOLDER MODULE ARGUMENTS…: runs the compiler on a module, with `flags`.
compile() {
  mapfile -t sources < <(find "$1" -name '*.swift' | sort)
  swiftc "${flags[@]}" -wmo -module-name "$2" "${@:3}" "${sources[@]}"
}

# FOLDER/MODULE…: compiles modules, each after those that it imports: the interfaces first, so that the code of
# several can be made at a time. What is behind a stale one is stale.
compile_all() {
  local place newer="" stale=()
  for place in "$@"; do
    if [ -z "$newer" ] && ! is_stale "$place" "${place##*/}"; then continue; fi
    newer=yes
    stale=("$place" "${stale[@]}")
    rm -f "$build/${place##*/}.o"
    compile "$place" "${place##*/}" -emit-module -emit-module-path "$build/${place##*/}.swiftmodule"
  done
  for place in "${stale[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-$(nproc)}" ]; do wait -n; done
    compile "$place" "${place##*/}" -emit-object -o "$build/${place##*/}.o" &
  done
  while [ -n "$(jobs -p)" ]; do wait -n; done
}

/** The scripts that put the agent into a guest and take it out, for /bin/sh of dash, bash and busybox. */

/** `$1` folder; `$2` program, `$3` unit. Keeps what is there already in a folder of its own, and prints that folder's name. */
export const KEEP = `
set -e
umask 077
dir=$(mktemp -d "$1/vireo-agent-XXXXXXXX")
if [ -e "$2" ]; then cp -p "$2" "$dir/program"; fi
if [ -e "$3" ]; then cp -p "$3" "$dir/unit"; fi
printf %s "$dir"
`

/** Exit codes of PLACE. */
export const PLACE_CODES = { checksum: 65, cannotRun: 66 } as const

/** `$1` the copied program, `$2` its place, `$3` its checksum. Prints its version; puts in place only what is whole and runs. */
export const PLACE = `
set -e
sum=$(sha256sum "$1" | cut -d ' ' -f 1)
[ "$sum" = "$3" ] || exit ${PLACE_CODES.checksum}
"$1" --version || exit ${PLACE_CODES.cannotRun}
mv -f "$1" "$2"
if command -v restorecon >/dev/null; then restorecon "$2" || :; fi
`

/** `$1` configuration, then folders. Makes the folders; says whether there is a configuration. */
export const FOLDERS = `
set -e
config=$1
shift
mkdir -p "$@"
if [ -e "$config" ] || [ -L "$config" ]; then echo configured; fi
`

/**
 * `$1` init system, `$2` whether the agent that runs this is the one to be started anew: it is then not waited for, because it
 * could not tell of its own end.
 */
export const START = `
set -e
if [ "$1" = systemd ]; then
  systemctl daemon-reload
  systemctl enable vireo-agent.service
  systemctl --no-block restart vireo-agent.service
else
  rc-update add vireo-agent default
  if [ "$2" = 1 ]; then
    setsid sh -c 'sleep 1; exec rc-service vireo-agent restart' </dev/null >/dev/null 2>&1 &
  else
    rc-service vireo-agent restart
  fi
fi
`

/**
 * `$1` init system, `$2` what KEEP printed, `$3` program, `$4` unit, `$5` copied program, `$6` configuration if it is ours, then
 * folders. Goes on whatever fails; what was there before is there again.
 */
export const UNDO = `
init=$1 kept=$2 program=$3 unit=$4 fresh=$5 config=$6
shift 6
back() {
  if [ -e "$kept/$1" ]; then cp -p "$kept/$1" "$2.kept" && mv -f "$2.kept" "$2"; else rm -f "$2"; fi
}
if [ ! -e "$kept/program" ]; then
  if [ "$init" = systemd ]; then systemctl disable --now vireo-agent.service
  elif [ -e "$unit" ]; then rc-service --ifstarted vireo-agent stop; rc-update --all del vireo-agent; fi
fi >/dev/null 2>&1
failed=0
rm -f "$fresh" || failed=1
back program "$program" || failed=1
back unit "$unit" || failed=1
[ -z "$config" ] || rm -f "$config" || failed=1
rmdir "$@" 2>/dev/null
[ "$init" != systemd ] || systemctl daemon-reload
if [ -e "$kept/program" ]; then
  if [ "$init" = systemd ]; then systemctl --no-block restart vireo-agent.service
  else rc-service vireo-agent restart; fi
fi >/dev/null 2>&1
[ $failed = 1 ] || rm -rf "$kept"
exit $failed
`

/**
 * `$1` init system, `$2` whether the agent that runs this is the one that goes, `$3` program, `$4` unit, `$5` configuration,
 * `$6` checksum of a configuration that is ours, then folders. Says what was there.
 */
export const REMOVE = `
set -e
init=$1 self=$2 program=$3 unit=$4 config=$5 ours=$6
shift 6
if [ -e "$program" ] || [ -e "$unit" ]; then echo installed; fi
if [ -e "$unit" ]; then
  if [ "$init" = systemd ]; then
    if [ "$self" = 1 ]; then systemctl disable vireo-agent.service; else systemctl disable --now vireo-agent.service; fi
  else
    rc-update --all del vireo-agent || :
    [ "$self" = 1 ] || rc-service --ifstarted vireo-agent stop
  fi
fi
if [ -e "$config" ]; then
  if [ "$(sha256sum "$config" | cut -d ' ' -f 1)" = "$ours" ]; then rm -f "$config"; else echo kept; fi
fi
rmdir "$@" 2>/dev/null || :
rm -f "$program"
if [ "$self" = 1 ] && [ "$init" = systemd ]; then
  rm -f "$unit"
  systemctl --no-block stop vireo-agent.service
elif [ "$self" = 1 ]; then
  setsid sh -c 'sleep 1; rc-service --ifstarted vireo-agent stop; rm -f "$1"' sh "$unit" </dev/null >/dev/null 2>&1 &
else
  rm -f "$unit"
  [ "$init" != systemd ] || systemctl daemon-reload
fi
`

/**
 * What Vireo types at a shell prompt to get somebody there whom it can talk to: a non-interactive `sh` that reads lines of
 * ours and answers in frames. Interactive shells echo, colour, complete and remember what is typed; this one does not.
 *
 * `knock` is one short line, because old line editors take 255 characters. It turns the echo off, says a word that does not
 * stand in the line itself, and reads one more line: `helperLine`, which is the helper. The helper ends, and gives the terminal
 * back as it was, when it is told to, on Ctrl+C, when the line hangs up, and when nothing was said for a minute: whoever
 * finds it on a line whose Vireo died needs to do nothing.
 */
import { TAKEN } from './sight.ts'

/** What a canonical line may hold is 4096 bytes with its end. */
export const LINE_LIMIT = 4095

/** Characters of a SHA-256 that are passed: enough to tell noise. */
export const SUM_LENGTH = 16

/**
 * The line for the prompt. `leave` replaces the shell: with the helper's end the login ends.
 * @param word two halves, said by the guest as one: a line editor's echo holds them apart
 */
export const knock = (word: readonly [string, string], { leave }: { readonly leave: boolean }): string =>
  ` ${leave ? 'exec ' : ''}sh -c 's=$(stty -g);trap "stty $s;exit" 0 1 2 15;stty -echo;` +
  `printf "%s%s\\n" ${word[0]} ${word[1]};IFS= read -r l;eval "$l"'`

/**
 * Functions of the helper, named by one letter:
 * `i` makes its folder and says how it can pass bytes; `u` takes a piece of a file; `a` puts pieces together; `g` starts the
 * command; `p` says how far it is; `r` gives a piece of a file; `k` signals the command's process group; `q` ends.
 * All may be asked twice: an answer that noise has damaged is asked for again.
 */
const FUNCTIONS: readonly string[] = [
  // An answer's end: the sum of its bytes, and words.
  `e() { printf "\\n%s:%s:E:%s:%s:.\\n" "$T" "$q" "$1" "$2"; }`,
  `h() { sha256sum <"$d/$1" | head -c ${SUM_LENGTH}; }`,
  `y() { [ -s "$d/pid" ] && read -r z <"$d/pid" && { kill -s "$1" -- "-$z" || kill -s "$1" "-$z" || kill -s "$1" "$z"; } 2>/dev/null; }`,
  // Leaves nothing behind: no process, no folder, the terminal as it was. The command's own end may be noted meanwhile, which
  // keeps the folder from being removed at once.
  `x() { trap "" 1 2 15; [ -z "$d" ] || { [ -s "$d/end" ] || y KILL; rm -rf "$d" 2>/dev/null || rm -rf "$d"; }; [ -z "$w" ] || kill "$w" 2>/dev/null; stty "$s"; printf "\\n%s:0:X:.\\n" "$T"; }`,
  `i() { [ -n "$d" ] || { umask 077; for o in /tmp /dev/shm /run /var/tmp "$HOME"; do d=$(mktemp -d "$o/.vireo-XXXXXXXX" 2>/dev/null) && break; d=; done; [ -z "$d" ] || { : >"$d/out"; : >"$d/err"; v; }; }; c=octal; command -v base64 >/dev/null && c=base64; command -v sha256sum >/dev/null || c=none; e 0 "$d $c $(id -u) $(id -un)"; }`,
  `v() { ( b=; while sleep $W; do read -r t <"$d/beat" || t=; [ "$b" != "$t" ] || kill -s TERM $$; b=$t; done ) </dev/null >/dev/null 2>&1 & w=$!; }`,
  `u() { if [ $c = base64 ]; then printf %s "$2" | base64 -d >"$d/$1"; else printf "$2" >"$d/$1"; fi; e 0 "$?"; }`,
  `a() { cat "$d/$1".* >"$d/$1"; e "$(h "$1")" ok; }`,
  `g() { [ -e "$d/go" ] || { : >"$d/go"; ( $(command -v setsid) sh "$d/run" "$d"; [ -s "$d/end" ] || echo killed >"$d/end" ) </dev/null >/dev/null 2>&1 & }; e 0 ok; }`,
  `p() { t=; [ -s "$d/end" ] && read -r t <"$d/end"; [ ! -e "$d/lost" ] || f=lost; e 0 "$(($(wc -c <"$d/out"))) $(($(wc -c <"$d/err"))) \${t:-run} \${f:-whole}"; }`,
  `r() { printf "\\n%s:%s:B\\n" "$T" "$q"; tail -c "+$(($2+1))" "$d/$1" | head -c "$3" >"$d/x"; if [ $c = base64 ]; then base64 <"$d/x"; else od -An -v -to1 <"$d/x"; fi; e "$(h x)" ok; }`,
  `k() { y "$1"; e 0 ok; }`,
  `q() { e 0 bye; exit 0; }`,
]

/** The loop: lines of ours are `TOKEN NUMBER LENGTH WORDS`; whoever else types is told what goes on. */
const LOOP =
  `while IFS= read -r l; do case $l in "$T "*) ;; *) echo "${TAKEN}"; continue;; esac; ` +
  `l=\${l#* }; q=\${l%% *}; l=\${l#* }; m=\${l%% *}; l=\${l#* }; ` +
  `if [ "\${#l}" != "$m" ]; then e 0 bad; continue; fi; ` +
  `n=$((n+1)); [ -z "$d" ] || echo $n >"$d/beat"; eval "$l"; done`

/** The helper in one line; it says `TOKEN:0:R:.` when it listens. */
export const helperLine = (token: string, watchSeconds: number): string =>
  [
    `T=${token}; W=${watchSeconds}; n=0; d=; w=; f=; set +m 2>/dev/null`,
    ...FUNCTIONS,
    'trap x 0',
    'trap "exit 0" 1 2 15',
    `printf "\\n%s:0:R:.\\n" "$T"`,
    LOOP,
  ].join('; ')

/** One line of ours to the helper. */
export const lineFor = (token: string, number: number, words: string): string =>
  `${token} ${number} ${words.length} ${words}\n`

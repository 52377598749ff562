#!/bin/sh
# As a getty and login would be on a serial line: "ann" with the password "s3 cret!" gets the shell that is given.
trap 'echo' INT
printf 'Debian GNU/Linux 12 vireo ttyS0\n\n'
while :; do
  printf 'vireo login: '
  IFS= read -r user || exit
  [ -n "$user" ] || continue
  stty -echo
  printf 'Password: '
  IFS= read -r password
  stty echo
  echo
  if [ "$user $password" = 'ann s3 cret!' ]; then
    printf 'Last login: Sat Nov 21 09:00:00 2026 on ttyS0\n'
    PS1="$(printf '\033[1;32mann@vireo\033[0m:~$ ')" "$@" -i
    printf '\nlogged out\n'
  else
    printf '\nLogin incorrect\n'
  fi
done

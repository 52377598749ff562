const diagnoses = [
  [
    /could not get lock|unable to acquire the dpkg|waiting for cache lock|unable to lock database|zypp.*locked|another app is currently holding/i,
    'Another program is installing packages right now. Wait until it has finished (an automatic update may take some minutes), then try again.',
  ],
  [
    /no space left on device|not enough free space|don't have enough free space/i,
    'The disk is full. Make room, then try again.',
  ],
  [
    /temporary failure resolving|could not resolve|failed to fetch|could not connect|network is unreachable|cannot download|failed retrieving|temporary error/i,
    'The package servers cannot be reached. Check the network connection (and a proxy, where you need one), then try again.',
  ],
  [
    /unable to locate package|has no installation candidate|no match for argument|no provider of|target not found|unable to select packages/i,
    'Your package sources do not have all of it. Enable the main repository of your distribution and refresh the index, then try again.',
  ],
  [
    /not in the sudoers file|a password is required|incorrect password|not authorized/i,
    'You may not install software on this machine. Ask its administrator to run the commands above.',
  ],
  [
    /dpkg was interrupted/i,
    'An earlier installation was interrupted. Run "dpkg --configure -a" as root, then try again.',
  ],
]

/** What to do about a package manager's failure, from what it said. */
export const diagnose = output =>
  diagnoses.find(([pattern]) => pattern.test(output))?.[1] ??
  'The package manager failed; what it said is above. Run the commands above by hand, then try again.'

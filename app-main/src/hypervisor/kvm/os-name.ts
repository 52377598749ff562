/** Names of operating systems from libosinfo's ids. */
const NAMES: Readonly<Record<string, string>> = {
  almalinux: 'AlmaLinux',
  alpinelinux: 'Alpine Linux',
  archlinux: 'Arch Linux',
  centos: 'CentOS',
  'centos-stream': 'CentOS Stream',
  debian: 'Debian',
  fedora: 'Fedora',
  freebsd: 'FreeBSD',
  gentoo: 'Gentoo',
  netbsd: 'NetBSD',
  nixos: 'NixOS',
  openbsd: 'OpenBSD',
  opensuse: 'openSUSE',
  oraclelinux: 'Oracle Linux',
  rhel: 'Red Hat Enterprise Linux',
  rocky: 'Rocky Linux',
  sles: 'SUSE Linux Enterprise Server',
  ubuntu: 'Ubuntu',
  win: 'Windows',
  win2k: 'Windows Server 20',
}

/** `http://debian.org/debian/12` is `Debian 12`. An id that is none of the known gives its last parts as they are. */
export const osName = (id: string): string => {
  const [product = '', version] = id.replace(/^https?:\/\/[^/]*\//, '').split('/', 2)
  const name = NAMES[product] ?? product
  if (version === undefined || version === '') return name === '' ? id : name
  return name.endsWith('20') ? `${name}${version.padStart(2, '0').toUpperCase()}` : `${name} ${version}`
}

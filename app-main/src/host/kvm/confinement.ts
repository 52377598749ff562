import type { Machine } from '../machine.ts'

/** Who keeps machines apart from the host and from each other; null where nobody does. */
export const readConfinement = async ({ files }: Machine): Promise<string | null> => {
  const [appArmor, profile, seLinux] = await Promise.all([
    files.read('/sys/module/apparmor/parameters/enabled'),
    files.stat('/etc/apparmor.d/libvirt/TEMPLATE.qemu'),
    files.read('/sys/fs/selinux/enforce'),
  ])
  if (seLinux !== undefined) return seLinux.trim() === '1' ? 'SELinux, enforcing' : 'SELinux, permissive'
  if (appArmor?.trim() === 'Y')
    return profile ? 'AppArmor, with profiles for machines' : 'AppArmor, without profiles for machines'
  return null
}

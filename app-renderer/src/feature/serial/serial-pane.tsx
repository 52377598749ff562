import type { DomainDetail, DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { EmptyState, Select } from '../../ui/index.ts'
import { SerialConsole } from './serial-console.tsx'
import { useText } from './text.ts'

interface SerialPaneProps {
  domain: DomainSummary
  /** Null while it is not known: then the first console is tried. */
  detail: DomainDetail | null
  shown: boolean
}

/** libvirt lists the first serial port a second time, as a console. */
const distinct = (detail: DomainDetail): string[] => {
  const serial = detail.consoles.filter(one => one.type === 'serial')
  const ports = new Set(serial.map(one => one.port))
  const others = detail.consoles.filter(one => one.type === 'console' && !ports.has(one.port))
  return [...new Set([...serial, ...others].map(one => one.alias))]
}

/** The machine's serial lines, one at a time. */
export const SerialPane = ({ domain, detail, shown }: SerialPaneProps) => {
  const t = useText()
  const [chosen, setChosen] = useState<string | null>(null)
  const aliases = detail ? distinct(detail) : []
  const alias = chosen !== null && aliases.includes(chosen) ? chosen : (aliases[0] ?? null)
  if (detail && aliases.length === 0)
    return (
      <EmptyState icon="term" title={t('noneTitle')}>
        <p>{t('noneBody')}</p>
      </EmptyState>
    )
  const choice =
    aliases.length > 1 && alias !== null ? (
      <Select
        label={t('which')}
        labelHidden
        options={aliases.map(id => ({ id, label: id }))}
        value={alias}
        onChange={setChosen}
      />
    ) : null
  // The first console needs no name: it is opened before the details are known, and stays when they come.
  const named = alias === aliases[0] ? null : alias
  return <SerialConsole key={named} domain={domain} alias={named} shown={shown} choice={choice} />
}

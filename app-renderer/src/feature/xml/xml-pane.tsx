import type { DomainSummary } from '@vireo/app-main/contract'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Button, copyToClipboard, EmptyState, IconButton, Search, Select, showToast, Spinner } from '../../ui/index.ts'
import { isAlive } from '../console/alive.ts'
import c from '../console/console.module.css'
import { findMatches, type Match } from './find-matches.ts'
import { text, useText } from './text.ts'
import { useXml, type Which } from './use-xml.ts'
import { XmlLines } from './xml-lines.tsx'
import s from './xml.module.css'

/** The machine's definition, to be read. */
export const XmlPane = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const alive = isAlive(domain.state)
  const [wanted, setWanted] = useState<Which>('live')
  const which = alive && domain.persistent ? wanted : alive ? 'live' : 'inactive'
  const { xml, error, reload } = useXml(domain, which, shown)
  if (xml === null && error)
    return (
      <EmptyState
        icon="warn"
        title={t('failed')}
        actions={
          <Button look="line" onPress={reload}>
            {t('tryAgain')}
          </Button>
        }
      >
        <p>{error.message}</p>
      </EmptyState>
    )
  return xml === null ? (
    <EmptyState art={<Spinner size={24} />} title={t('loading')} />
  ) : (
    <XmlView
      name={domain.name}
      xml={xml.trimEnd()}
      choice={alive && domain.persistent ? <WhichSelect value={wanted} onChange={setWanted} /> : null}
    />
  )
}

const WhichSelect = ({ value, onChange }: { value: Which; onChange: (which: Which) => void }) => {
  const t = useText()
  return (
    <Select
      label={t('which')}
      labelHidden
      options={[
        { id: 'live', label: t('running') },
        { id: 'inactive', label: t('next') },
      ]}
      value={value}
      onChange={onChange}
    />
  )
}

const NONE: readonly Match[] = []

const XmlView = ({ name, xml, choice }: { name: string; xml: string; choice: React.ReactNode }) => {
  const t = useText()
  const [term, setTerm] = useState('')
  const [at, setAt] = useState(0)
  const [wrap, setWrap] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const lines = useMemo(() => xml.split('\n'), [xml])
  const matches = useMemo(() => (term ? findMatches(lines, term) : NONE), [lines, term])
  const current = matches.length > 0 ? at % matches.length : 0
  const step = (by: 1 | -1): void => setAt((current + by + matches.length) % Math.max(1, matches.length))
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(xml)) showToast({ tone: 'done', title: text('copied') })
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.code !== 'KeyF' || !event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    input.current?.select()
  }
  useEffect(() => setAt(0), [term])
  return (
    <div className={c.console} onKeyDown={onKeyDown}>
      <div className={c.toolbar} role="toolbar" aria-label={t('toolbar')}>
        {choice}
        <FindField
          input={input}
          term={term}
          onChange={setTerm}
          onStep={step}
          found={{ at: matches.length > 0 ? current + 1 : 0, count: matches.length }}
        />
        <IconButton small icon="text" label={t('wrap')} pressed={wrap} onPress={() => setWrap(!wrap)} />
        <IconButton small icon="copy" label={t('copy')} onPress={() => void copy()} />
      </div>
      <XmlLines
        label={t('document', { name })}
        xml={xml}
        wrap={wrap}
        matches={matches}
        current={matches[current] ?? null}
      />
    </div>
  )
}

interface FindFieldProps {
  input: React.RefObject<HTMLInputElement | null>
  term: string
  onChange: (term: string) => void
  onStep: (by: 1 | -1) => void
  found: { at: number; count: number }
}

const FindField = ({ input, term, onChange, onStep, found }: FindFieldProps) => {
  const t = useText()
  const format = useFormat()
  const words =
    found.count > 0 ? t('matches', { at: format.number(found.at), count: format.number(found.count) }) : t('noMatch')
  return (
    <div className={s.find} role="search">
      <Search
        label={t('find')}
        placeholder={t('findPlaceholder')}
        value={term}
        onChange={onChange}
        inputRef={input}
        onKeyDown={event => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          onStep(event.shiftKey ? -1 : 1)
        }}
      />
      <span className={c.found} role="status">
        {term ? words : null}
      </span>
      {found.count > 1 ? (
        <>
          <IconButton small icon="up" label={t('previousMatch')} onPress={() => onStep(-1)} />
          <IconButton small icon="down" label={t('nextMatch')} onPress={() => onStep(1)} />
        </>
      ) : null}
    </div>
  )
}

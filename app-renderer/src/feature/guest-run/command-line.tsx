import { useRef, useState } from 'react'
import { Button, Icon, IconButton, Select, TextField } from '../../ui/index.ts'
import { CommandHistory } from './command-history.ts'
import type { Asked, Method } from './command-run.ts'
import s from './guest-run.module.css'
import { useText } from './text.ts'

const METHODS: readonly Method[] = ['auto', 'agent', 'ssh', 'serial']

interface CommandLineProps {
  onRun: (asked: Asked) => void
  onClear: (() => void) | null
  /** Who logs in on the serial line; null when nobody is known. */
  loginUser: string | null
  onForget: () => void
}

/** Where a command is written, and chosen who runs it and which way. */
export const CommandLine = ({ onRun, onClear, loginUser, onForget }: CommandLineProps) => {
  const t = useText()
  const [command, setCommand] = useState('')
  const [user, setUser] = useState('')
  const [method, setMethod] = useState<Method>('auto')
  const history = useRef<CommandHistory>(null)
  history.current ??= new CommandHistory()
  const known = history.current
  const submit = (): void => {
    if (command.trim() === '') return
    known.add(command)
    onRun({ command, user: user.trim(), method })
    setCommand('')
  }
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    setCommand(event.key === 'ArrowUp' ? known.older(command) : known.newer(command))
  }
  return (
    <form
      className={s.line}
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <label className={s.prompt}>
        <Icon name="chevron" size={14} title={t('command')} />
        <input
          value={command}
          onChange={event => setCommand(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder={t('command')}
          aria-label={t('command')}
          spellCheck="false"
          autoComplete="off"
          autoCapitalize="off"
          dir="ltr"
        />
      </label>
      <span className={s.user}>
        <TextField label={t('asUser')} value={user} onChange={setUser} placeholder={t('asUserHint')} labelHidden />
      </span>
      <Select
        label={t('way')}
        value={method}
        onChange={setMethod}
        options={METHODS.map(id => ({ id, label: t(`way.${id}`) }))}
        labelHidden
      />
      {method === 'serial' && loginUser !== null ? (
        <IconButton icon="unlock" label={t('forgetLogin', { user: loginUser })} onPress={onForget} />
      ) : null}
      <Button type="submit" look="solid" icon="play">
        {t('run')}
      </Button>
      {onClear ? (
        <Button look="line" onPress={onClear}>
          {t('clear')}
        </Button>
      ) : null}
    </form>
  )
}

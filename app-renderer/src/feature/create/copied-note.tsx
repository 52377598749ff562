import type { CreatePlan } from '@vireo/app-main/contract'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, CopyText, cx } from '../../ui/index.ts'
import s from './copied-note.module.css'
import { useText } from './text.ts'

interface CopiedNoteProps {
  copied: NonNullable<CreatePlan['copied']>
  pool: string
  /** Looks once more, after the commands were run. */
  again: () => void
}

/** A source is copied because machines cannot read it: says who cannot, and what would let them. */
export const CopiedNote = ({ copied: { path, user, obstacles, commands }, pool, again }: CopiedNoteProps) => {
  const t = useText()
  const format = useFormat()
  return (
    <Banner tone="info" title={t('copied', { pool })}>
      <div className={cx(s.note)}>
        <p>
          <bdi>{t('copiedWhy', { path, user, obstacles: format.list(obstacles) })}</bdi>
        </p>
        <p>{t('copiedInstead')}</p>
        <ul className={cx(s.commands)}>
          {commands.map(command => (
            <li key={command}>
              <CopyText value={command} block />
            </li>
          ))}
        </ul>
        <Button small look="line" onPress={again}>
          {t('retry')}
        </Button>
      </div>
    </Banner>
  )
}

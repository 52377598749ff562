import { Component, type ReactNode } from 'react'
import { renewParts } from '../../lazy-part.tsx'
import { Button, CopyText, EmptyState, showToast } from '../../ui/index.ts'
import { text, useText } from './text.ts'

interface BoundaryProps {
  children: ReactNode
  /** A change of this key tries again: another place has another chance. */
  place: string
  /** Says it in a toast and shows nothing in its place, for what stands above the window. */
  quiet?: boolean
  /** Closes what failed, so that the next opening tries again. */
  onFail?: () => void
}

/** The newest files, whatever this window began with; its place is in the address. */
const reloadWindow = (): void => location.reload()

const Failed = ({ error, onRetry }: { error: Error; onRetry: () => void }) => {
  const t = useText()
  return (
    <EmptyState
      icon="warn"
      title={t('crashTitle')}
      actions={
        <>
          <Button look="solid" onPress={onRetry}>
            {t('reload')}
          </Button>
          <Button look="line" onPress={reloadWindow}>
            {t('reloadWindow')}
          </Button>
        </>
      }
    >
      <p>{t('crashBody')}</p>
      <CopyText value={`${error.name}: ${error.message}`} block />
    </EmptyState>
  )
}

/** A part that throws while painting is replaced by a card; the rest of the window goes on. */
export class ErrorBoundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.error && before.place !== this.props.place) this.retry()
  }

  override componentDidCatch(error: unknown): void {
    this.props.onFail?.()
    if (!this.props.quiet) return
    showToast({ tone: 'fail', title: text('crashTitle'), body: error instanceof Error ? error.message : String(error) })
  }

  /** Paints the children again, and fetches those that could not be had. */
  readonly retry = (): void => {
    renewParts()
    this.setState({ error: null })
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error && this.props.quiet) return null
    return error ? <Failed error={error} onRetry={this.retry} /> : this.props.children
  }
}

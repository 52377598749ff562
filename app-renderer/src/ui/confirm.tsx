import { create } from 'zustand'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { useText } from './text.ts'

interface Question {
  title: string
  /** What will happen, one or two sentences. */
  body?: string
  /** The imperative on the button: `Force off`. */
  action: string
  danger?: boolean
}

const useQuestion = create<{ asked: (Question & { answer: (yes: boolean) => void }) | null }>(() => ({ asked: null }))

/** Asks a person; false when they decline or another question takes its place. */
export const confirm = (question: Question): Promise<boolean> => {
  useQuestion.getState().asked?.answer(false)
  return new Promise(resolve => {
    const answer = (yes: boolean): void => {
      useQuestion.setState({ asked: null })
      resolve(yes)
    }
    useQuestion.setState({ asked: { ...question, answer } })
  })
}

/** Shows the question asked by `confirm`; mounted once. */
export const ConfirmHost = () => {
  const asked = useQuestion(state => state.asked)
  const t = useText()
  if (!asked) return null
  return (
    <Dialog
      title={asked.title}
      role="alertdialog"
      onClose={() => asked.answer(false)}
      footer={
        <>
          <Button look="line" onPress={() => asked.answer(false)} autoFocus>
            {t('cancel')}
          </Button>
          <Button look={asked.danger ? 'danger' : 'solid'} onPress={() => asked.answer(true)}>
            {asked.action}
          </Button>
        </>
      }
    >
      {asked.body ? <p>{asked.body}</p> : null}
    </Dialog>
  )
}

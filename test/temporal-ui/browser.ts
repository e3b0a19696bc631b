import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

/** Where distributions put Chromium; `CHROMIUM` names another. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Temporal's web UI in a real browser. */
export interface TemporalUi {
  /** Shows the workflows that a list filter finds. */
  list(query: string): Promise<void>;
  /** Shows a workflow, or one of its tabs. */
  workflow(workflowId: string, tab?: 'User Metadata' | 'Relationships'): Promise<void>;
  /** Opens _More Actions_ and what is chosen there; answers the dialogue. */
  action(name: string): Promise<Dialogue>;
  /** Opens _Request Cancellation_. */
  requestCancellation(): Promise<Dialogue>;
  /** Opens _Reset_, which a closed workflow has in the place of a cancellation. */
  reset(): Promise<Dialogue>;
  /** Takes a picture of what is shown, once it is still; `from` scrolls to a heading first. */
  picture(name: string, from?: 'Event History'): Promise<void>;
  close(): Promise<void>;
}

/** A dialogue of the UI. */
export interface Dialogue {
  /** Chooses a signal or update by its name and types its input. */
  fill(name: string, input: unknown): Promise<void>;
  /** Chooses the point to reset to, counted from 1 in the UI's list. */
  choosePoint(place: number): Promise<void>;
  /** Types a reason. */
  reason(text: string): Promise<void>;
  /** Presses the button that does it. */
  submit(): Promise<void>;
  /** Waits until the dialogue says a text. */
  says(text: RegExp): Promise<void>;
  /** Waits until the dialogue is gone: the server has taken what was asked. */
  gone(): Promise<void>;
}

/** Opens the UI at its address; pictures go to a folder. Throws where the machine has no Chromium. */
export async function openTemporalUi(address: string, pictures: string): Promise<TemporalUi> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  return uiOn(browser, page, { address, pictures });
}

function chromiumPath(): string {
  const path = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (path !== undefined) return path;
  throw new Error(
    'There is no Chromium: install the package chromium of the distribution, or name the program in CHROMIUM.',
  );
}

function uiOn(browser: Browser, page: Page, to: { address: string; pictures: string }): TemporalUi {
  const workflows = `${to.address}/namespaces/default/workflows`;
  const dialogue = (): Dialogue => dialogueIn(page, page.getByRole('dialog').filter({ visible: true }));
  const press = async (button: string): Promise<Dialogue> => {
    await page.getByRole('button', { name: button }).first().click();
    return dialogue();
  };
  return {
    list: async (query) => {
      await page.goto(`${workflows}?query=${encodeURIComponent(query)}`);
      await page
        .getByRole('link', { name: /^sync\// })
        .first()
        .waitFor();
    },
    workflow: async (workflowId, tab) => {
      await page.goto(`${workflows}/${encodeURIComponent(workflowId)}`);
      await page.getByRole('heading', { name: workflowId }).first().waitFor();
      if (tab !== undefined) await page.getByRole('tab', { name: tab }).click();
    },
    action: async (name) => {
      await page.getByRole('button', { name: 'More Actions' }).first().click();
      await page.getByRole('menuitem', { name }).first().click();
      return dialogue();
    },
    requestCancellation: () => press('Request Cancellation'),
    reset: () => press('Reset'),
    picture: async (name, from) => {
      // The UI draws its timeline and slides its dialogues in after its data has come.
      await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
      await page.waitForTimeout(1_500);
      if (from !== undefined) {
        const { y = 0 } = (await page.getByRole('heading', { name: from }).boundingBox()) ?? {};
        await page.mouse.wheel(0, y - 100);
        await page.waitForTimeout(500);
      }
      await page.screenshot({ path: join(to.pictures, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}

function dialogueIn(page: Page, dialog: Locator): Dialogue {
  return {
    fill: async (name, input) => {
      await dialog.locator('button[aria-haspopup]').first().click();
      await dialog.getByRole('option', { name }).first().click();
      await dialog.locator('.cm-content').filter({ visible: true }).first().click();
      await page.keyboard.insertText(JSON.stringify(input));
      // The editor lays the input out anew when it loses the focus, and the button moves.
      await dialog.locator('button[aria-haspopup]').first().focus();
      await page.waitForTimeout(500);
    },
    choosePoint: async (place) => {
      await dialog.locator('button[aria-haspopup]').first().click();
      await dialog
        .getByRole('option', { name: /WorkflowTaskCompleted/ })
        .nth(place - 1)
        .click();
    },
    reason: (text) => dialog.locator('input:not([type=radio]):not([disabled])').last().fill(text),
    submit: () => dialog.getByTestId('confirm-modal-button').click(),
    says: (text) => dialog.getByText(text).first().waitFor(),
    gone: () => dialog.waitFor({ state: 'hidden' }),
  };
}

"""What a page knows of jobs, whenever it is told of a new one."""

from typing import Final

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TWO_AT_ONCE: Final = """
async () => {
  const { JobFeed } = await import('/static/js/jobs.js');
  const jobs = [];
  const begin = (id) => jobs.unshift({ id, state: 'done', created_at: '2026-03-14T12:20:00Z' });
  const answers = [];
  let asked = 0;
  globalThis.fetch = () => {  // as the list was when it was asked for, once it is let go
    asked += 1;
    const body = JSON.stringify({ jobs });
    return new Promise((let_go) => answers.push(() => let_go(new Response(body))));
  };
  let shown = [];
  const feed = new JobFeed({
    onJobs: (known) => { shown = known.map(({ id }) => id); }, onEnd: () => {},
  });
  begin('first');
  const first = feed.follow('first');
  begin('second');
  const second = feed.follow('second');
  begin('third');
  const third = feed.follow('third');
  let isOver = false;
  const over = Promise.all([first, second, third]).finally(() => { isOver = true; });
  while (!isOver) {
    answers.shift()?.();
    await new Promise((soon) => setTimeout(soon, 5));
  }
  await over;
  return { shown, asked };
}
"""


def test_one_that_is_begun_while_the_list_is_on_its_way_is_shown(module_page: Page) -> None:
    told = module_page.evaluate(TWO_AT_ONCE)
    assert told == {"shown": ["third", "second", "first"], "asked": 2}

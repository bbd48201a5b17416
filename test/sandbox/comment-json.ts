import { jsmUserJson, userJson } from './account.ts';
import type { Call } from './call.ts';
import type { Comment, Issue } from './issue.ts';
import { jiraDate, jsmDate } from './jira-date.ts';
import { shownText } from './rich-text.ts';

/** Returns a comment as the platform's API does. */
export function platformComment(call: Call, issue: Issue, comment: Comment): Record<string, unknown> {
  const author = userJson(comment.author, call.base, call.site.flavour);
  const created = jiraDate(comment.createdMs, call.site.timeZone);
  return {
    self: `${call.base}/rest/api/2/issue/${issue.id}/comment/${comment.id}`,
    id: comment.id,
    author,
    body: shownText(call, comment.body),
    updateAuthor: author,
    created,
    updated: created,
    ...(call.site.flavour === 'cloud' ? { jsdPublic: comment.public } : {}),
  };
}

/** Returns the comments of an issue, as its `comment` field and the platform's list do. */
export function commentPage(call: Call, issue: Issue): Record<string, unknown> {
  const comments = issue.comments.map((comment) => platformComment(call, issue, comment));
  return { comments, maxResults: comments.length, total: comments.length, startAt: 0 };
}

/** Returns a comment as JSM's API does. */
export function jsmComment(call: Call, issue: Issue, comment: Comment): Record<string, unknown> {
  return {
    _expands: ['attachment', 'renderedBody'],
    id: comment.id,
    body: comment.body,
    public: comment.public,
    author: jsmUserJson(comment.author, call.base, call.site.flavour),
    created: jsmDate(comment.createdMs, call.site.timeZone),
    _links: { self: `${call.base}/rest/servicedeskapi/request/${issue.id}/comment/${comment.id}` },
  };
}

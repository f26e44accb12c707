// Sends a consultation form in the background, so that its page stays and nothing typed is lost. A site adds it with
//   <script src="https://API/form.js" defer></script>
// and it takes over each <form data-consultation-form method="post" action="https://API/consultations">.
// What to change and why is the API's to say; the few words here are for when it does not answer. It needs no other
// script, defines no globals and inserts what it is told as text only, so a strict CSP may hold: the API's origin in
// script-src and connect-src. Where it cannot work, the form stays a plain one, which the API takes as well.
(() => {
  "use strict";

  // The API puts its own numbers into this line. Each of its answers has them too, and those count.
  const HELP = /*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/;

  const TRIES = 3;
  const ANSWER_WITHIN = 25_000; // milliseconds, as are all below
  const PAUSES = [1_000, 4_000]; // before the second and the third try, unless the API asks for another
  const PATIENCE = 20_000; // all pauses together: longer, and people believe that nothing happens
  const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
  const YES = ["yes", "true", "on", "1"];
  const DRAFT_LIVES = 60 * 60 * 1000; // milliseconds
  const NOT_DRAFTED = ["hidden", "password", "file", "submit", "button", "image", "reset"];

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter(Boolean)); // strings become text, never markup
    return element;
  };

  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // on https and localhost only
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const attempt = (action) => { // for what is good to have: storage may be forbidden or full, widgets may break
    try { return action(); } catch { return null; }
  };

  const isTick = (control) => control.type === "checkbox" || control.type === "radio";
  const asWords = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

  const helpLines = (help) => {
    const link = (scheme, number) => make("a", { href: `${scheme}:${number.replace(/[^\d+]/g, "")}` }, number);
    const lines = make("div", { class: "consultation-help" },
      make("p", {}, "In danger now? Call ", link("tel", help.emergency_number), "."),
      make("p", {}, "In crisis? Call ", link("tel", help.crisis_line), " or text ", link("sms", help.crisis_line),
        ", day and night."));
    if (help.clinic_phone) {
      lines.append(make("p", {}, "To reach the clinic, call ", link("tel", help.clinic_phone), "."));
    }
    return lines;
  };

  // Who says they are in crisis reads first where help is now, whatever else there is to say.
  const withHelp = (urgent, help, parts) => {
    if (!urgent) return [...parts, helpLines(help)];
    const now = make("p", {}, make("strong", {}, "You told us that you are in crisis. Please do not wait for us:"));
    return [make("div", { class: "consultation-crisis" }, now, helpLines(help)), ...parts];
  };

  // One try: the API's answer, or null where none arrived, so that nobody can tell whether the request did.
  async function post(url, fields) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        credentials: "omit",
        body: JSON.stringify(fields),
        signal: stop.signal,
      });
      const text = await response.text(); // an answer that breaks off here is none either
      const seconds = response.headers.get("Retry-After");
      const pause = /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : null;
      return { status: response.status, pause, answer: attempt(() => JSON.parse(text)) ?? {} };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // Try again where that may help. Each try carries the same submission id, so the API stores one request at most.
  async function deliver(url, fields, { onRetry, renewId }) {
    let patience = PATIENCE;
    let renewed = false;
    let unanswered = 0;
    let doubtful = false;
    for (let tries = 1; ; tries += 1) {
      let reply = await post(url, fields);
      if (reply?.status === 409 && !renewed) {
        // The id is that of an earlier try whose answer was lost, and the words have changed since: a new request.
        renewed = true;
        fields.submission_id = renewId();
        reply = await post(url, fields);
      }
      if (!reply) unanswered += 1;
      // Something before or behind the API failed without its words: nobody can tell what became of this try.
      doubtful ||= !reply || (!reply.answer.title && !(reply.status >= 400 && reply.status < 500));
      const passing = !reply || reply.status === 429 || reply.status >= 500;
      if (!passing || tries === TRIES || !patience) {
        return { reply, passing, doubtful, answered: unanswered < tries };
      }
      const pause = Math.min(reply?.pause ?? PAUSES[tries - 1], patience);
      patience -= pause;
      onRetry(tries + 1);
      await new Promise((done) => { setTimeout(done, pause); });
    }
  }

  function takeOver(form, index) {
    const action = new URL(form.getAttribute("action") ?? "", document.baseURI).href; // a field may be named "action"
    const draftKey = `consultation-draft ${location.pathname} ${action} ${index}`;
    const hadNoValidate = form.noValidate;
    const handlers = new AbortController();
    const status = make("p", { class: "consultation-status", role: "status", "aria-live": "polite" });
    const undo = new Map(); // by field: how to take its error away
    let box = null;
    let sending = false;
    let sent = false;

    const listen = (target, type, handle) => target.addEventListener(type, handle, { signal: handlers.signal });
    const controls = () => [...form.elements].filter((each) => each.matches("input, select, textarea") && each.name);
    const hidden = (name) => controls().filter((each) => each.name === name && each.type === "hidden");
    const visible = (name) => controls().filter((each) => each.name === name && each.type !== "hidden");

    const hiddenInput = (name, value) => {
      let [input] = hidden(name);
      if (!input) form.append(input = make("input", { type: "hidden", name }));
      input.value = value;
      return input;
    };
    const id = hiddenInput("submission_id", newId());
    const renderedAt = hiddenInput("rendered_at", Date.now());

    // --- The draft: what was typed outlives a reload, a crash and a wrong turn, in this tab only.

    // "homepage" is the trap for programs.
    const draftable = () => controls().filter((each) => !NOT_DRAFTED.includes(each.type) && each.name !== "homepage");

    const values = (control) => {
      if (isTick(control)) return control.checked ? [control.value] : [];
      return control.options ? [...control.selectedOptions].map((option) => option.value) : [control.value];
    };

    const untouched = (control) => {
      if (isTick(control)) return visible(control.name).every((each) => each.checked === each.defaultChecked);
      if (!control.options) return control.value === control.defaultValue;
      const options = [...control.options];
      const marked = options.filter((option) => option.defaultSelected);
      const first = control.multiple ? [] : options.filter((option) => !option.disabled).slice(0, 1);
      return options.every((option) => option.selected === (marked.length ? marked : first).includes(option));
    };

    function typed() {
      const fields = Object.create(null);
      for (const control of draftable()) (fields[control.name] ??= []).push(...values(control));
      return fields;
    }

    function keepDraft(fields = typed()) {
      if (sent) return;
      const draft = { submission_id: id.value, rendered_at: Number(renderedAt.value), kept_at: Date.now(), fields };
      attempt(() => sessionStorage.setItem(draftKey, JSON.stringify(draft)));
    }

    function restoreDraft() {
      const draft = JSON.parse(sessionStorage.getItem(draftKey));
      if (!draft) return;
      if (!(Date.now() - draft.kept_at < DRAFT_LIVES)) { // the next person at a shared computer is not to see it
        sessionStorage.removeItem(draftKey);
        return;
      }
      // The same id: what was perhaps sent before the reload is then the same request, not a second one.
      if (/^[\w-]{16,64}$/.test(draft.submission_id)) id.value = draft.submission_id;
      if (draft.rendered_at <= Date.now()) renderedAt.value = draft.rendered_at; // or a person would seem too quick
      // First see which the browser or the page has filled in already, then restore: a radio button changes its group.
      const free = new Set(draftable().filter(untouched));
      for (const control of draftable()) {
        const given = draft.fields[control.name] ?? [];
        const text = isTick(control) || control.options ? null : given.shift();
        if (!free.has(control)) continue;
        if (isTick(control)) control.checked = given.includes(control.value);
        else if (control.options) for (const option of control.options) option.selected = given.includes(option.value);
        else if (text !== undefined) control.value = text;
        if (!untouched(control)) control.dispatchEvent(new Event("change", { bubbles: true })); // page scripts listen
      }
    }

    function fillTimeZone() {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      for (const control of controls().filter((each) => each.name === "time_zone" && !each.value)) {
        const offered = [...(control.options ?? [])].some((option) => option.value === zone);
        if (zone && (offered || ["hidden", "text"].includes(control.type))) control.value = zone;
      }
    }

    // --- What is sent.

    function collect() {
      const fields = Object.create(null);
      const files = new Set();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") (fields[name] ??= []).push(value);
        else if (value.name || value.size) files.add(name); // a file field left empty gives a file without a name
      }
      for (const [name, given] of Object.entries(fields)) {
        // A hidden "no" before the box for "yes" is there for forms without a script: what was ticked counts.
        const preset = hidden(name).filter((each) => !each.matches(":disabled")).length;
        if (given.length > preset) given.splice(0, preset);
        fields[name] = given.length === 1 ? given[0] : given;
      }
      const query = new URLSearchParams(location.search);
      const context = [
        ["page", location.origin + location.pathname],
        ["referrer", document.referrer.split(/[?#]/, 1)[0]], // queries may hold what is nobody's business
        ...CAMPAIGN.map((name) => [name, query.get(name)]),
      ];
      for (const [name, value] of context) if (value) fields[name] ||= value;
      return { fields, files };
    }

    const inCrisis = (fields) =>
      [fields.in_crisis].flat().some((value) => YES.includes(String(value).trim().toLowerCase()));

    // --- What is shown.

    function clearProblems() {
      box?.remove();
      box = null;
      for (const takeAway of undo.values()) takeAway();
      undo.clear();
    }

    function showBox(parts, place) {
      box = make("div", { class: "consultation-problem", role: "alert", tabindex: "-1" }, ...parts);
      place(box);
      box.focus();
    }

    // The element that holds all of a group's buttons and nothing else, which is where a group has its name.
    function groupOf(members) {
      const [first] = members;
      if (!members.every(isTick) || (members.length === 1 && first.type === "checkbox")) return null;
      const group = first.closest("fieldset, [role=radiogroup], [role=group]");
      const others = controls().some((each) => group?.contains(each) && each.name !== first.name);
      return group && form.contains(group) && !others ? group : null;
    }

    function labelOf(field, members, group) {
      const labelled = group ?? (members.length === 1 ? members[0] : null); // several alone: each label is a choice's
      const named = document.getElementById(labelled?.getAttribute("aria-labelledby")?.split(" ")[0] ?? "");
      const source = named ?? labelled?.labels?.[0] ?? group?.querySelector("legend");
      const label = source ? source.cloneNode(true) : make("span", {});
      for (const extra of label.querySelectorAll("input, select, textarea, .hint, .optional, .error")) extra.remove();
      const text = label.textContent.replace(/\s+/g, " ").replace(/[\s:*.]+$/, "").trim();
      return text || labelled?.getAttribute("aria-label") || asWords(field);
    }

    const described = (element, change) => {
      const ids = change((element.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
      if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
      else element.removeAttribute("aria-describedby");
    };

    // Put a message beside its field; return the summary's link to it, or plain words where the form has no such field.
    function showProblem(field, message) {
      const members = visible(field);
      if (!members.length) return make("span", {}, asWords(field));
      const [first] = members;
      const group = groupOf(members);
      const wrapper = first.closest(`[data-field="${CSS.escape(field)}"]`);
      let noteId = `${field}-error`;
      while (document.getElementById(noteId)) noteId += "-2"; // another form on the page has such a field too
      const note = make("p", { class: "error", id: noteId }, message);
      // Below the label, legend or hint and above the control; never in a label, where it would be part of the name.
      const home = [group, wrapper].find((each) => each && each !== first && !each.matches("label"));
      let spot = home ? first : first.closest("label") ?? first;
      while (home && spot.parentElement !== home) spot = spot.parentElement;
      spot.before(note);
      const targets = group ? [group] : members;
      for (const target of targets) described(target, (ids) => [noteId, ...ids]);
      for (const control of members) control.setAttribute("aria-invalid", "true");
      undo.set(field, () => {
        note.remove();
        for (const target of targets) described(target, (ids) => ids.filter((each) => each !== noteId));
        for (const control of members) control.removeAttribute("aria-invalid");
      });
      for (let folded = first.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
      first.id ||= `consultation-${index}-${field}`;
      const link = make("a", { href: `#${first.id}` }, labelOf(field, members, group));
      listen(link, "click", (event) => {
        event.preventDefault(); // the address stays as it is
        (note.isConnected ? note : first).scrollIntoView({ block: "center" });
        (members.find((each) => each.checked) ?? first).focus({ preventScroll: true });
      });
      return link;
    }

    function showRejected(answer, urgent, help) {
      const list = make("ul", {});
      for (const { field, detail } of answer.errors) {
        if (!undo.has(field)) list.append(make("li", {}, showProblem(field, detail), `: ${detail}`));
      }
      const parts = [make("h2", {}, answer.title), make("p", {}, answer.detail), list];
      showBox(withHelp(urgent, help, parts), (element) => form.prepend(element));
    }

    function showFailure({ reply, passing, doubtful, answered }, urgent, help) {
      const { title, detail } = doubtful ? {} : reply.answer; // the last answer need not hold for the tries before it
      const again = passing || doubtful ? " Please press the button again in a moment: sending twice is safe." : "";
      const parts = [
        make("h2", {}, title ?? `Your request ${doubtful ? "may not have been" : "was not"} sent`),
        detail && make("p", {}, detail),
        make("p", {}, `Nothing that you typed is lost.${again}`),
      ];
      if (!answered) {
        // Perhaps only scripts are kept from the API (its list of sites, a blocker). A plain form needs none of that.
        console.warn(`The form's script got no answer from ${action}. If the API is up, see whether ${location.origin} is ` +
          "in its parameter AllowedOrigins.");
        const plainly = make("button", { type: "button", class: "consultation-plainly" }, "Try another way to send it");
        listen(plainly, "click", sendPlainly);
        parts.push(make("p", {}, "If that does not help: ", plainly));
      }
      showBox(withHelp(urgent, help, parts), (element) => status.before(element));
    }

    function showThanks(answer, urgent, help) {
      const parts = [make("h2", {}, "Thank you. We have your request.")];
      if (typeof answer.reference === "string") {
        parts.push(make("p", {}, "Your reference is ", make("strong", { class: "reference" }, answer.reference),
          ". You do not need it, but it helps when you call."));
      }
      parts.push(make("p", {}, urgent
        ? "Our staff have been asked to look at your request first. Until you hear from them, please use the numbers above."
        : "Somebody from the clinic will contact you. There is nothing else you need to do."));
      const panel = make("div", { class: "consultation-thanks", role: "status", tabindex: "-1" },
        ...withHelp(urgent, help, parts));
      form.before(panel);
      form.hidden = true;
      form.style.setProperty("display", "none", "important"); // a site's "form { display: grid }" outdoes `hidden`
      panel.focus();
      sent = true;
      // Nothing of it is left to send again: not after a reload, and not when Back brings this page from memory.
      attempt(() => HTMLFormElement.prototype.reset.call(form));
      attempt(() => sessionStorage.removeItem(draftKey));
      id.value = newId();
      // The clinic's own page, where it has one. The panel above is what is there until it comes, and after Back.
      const next = typeof answer.thank_you_page === "string" && attempt(() => new URL(answer.thank_you_page));
      if (next && /^https?:$/.test(next.protocol) && !urgent) location.assign(next.href);
    }

    // --- Sending.

    // The status line and the box stay: screen readers pass over what is inert.
    function hold(on) {
      if (on) form.setAttribute("aria-busy", "true");
      else form.removeAttribute("aria-busy");
      for (const child of form.children) if (child !== status && child !== box) child.inert = on;
    }

    async function send() {
      clearProblems();
      const { fields, files } = collect();
      const urgent = inCrisis(fields);
      if (files.size) {
        const detail = "This form cannot take files. Remove the file and send the form again.";
        const errors = [...files].map((field) => ({ field, detail }));
        showRejected({ title: "Please leave out the file", detail: "Nothing was sent yet.", errors }, urgent, HELP);
        return;
      }
      keepDraft();
      if (urgent) showBox(withHelp(true, HELP, []), (element) => status.before(element)); // not only once we have an answer
      status.textContent = "Sending…";
      hold(true); // what is typed from here on would not be in what is sent
      const outcome = await deliver(action, fields, {
        onRetry: (number) => { status.textContent = `Still trying (${number} of ${TRIES})…`; },
        renewId: () => {
          id.value = newId();
          keepDraft();
          return id.value;
        },
      });
      status.textContent = "";
      hold(false);
      clearProblems();
      const { status: code, answer = {} } = outcome.reply ?? {};
      const help = { ...HELP, ...answer.help };
      if (code === 201) {
        showThanks(answer, urgent, help);
        return;
      }
      attempt(() => window.turnstile?.reset(form.querySelector(".cf-turnstile"))); // a token is good for one request
      if (code === 422 && Array.isArray(answer.errors)) showRejected(answer, urgent, help);
      else showFailure(outcome, urgent, help);
    }

    // Leave the form as it was, but for its submission id: sent as a plain form it is still the same request.
    function release() {
      handlers.abort();
      clearProblems();
      status.remove();
      hold(false);
      form.noValidate = hadNoValidate;
      form.removeAttribute("data-consultation-ready");
    }

    function sendPlainly() {
      keepDraft({}); // we will not learn whether it was taken: the words go, the submission id stays for another try
      release();
      HTMLFormElement.prototype.submit.call(form); // a field may be named "submit"
    }

    try {
      attempt(restoreDraft);
      attempt(fillTimeZone);
      // Should a site's policy keep the style away that hides the trap: no person is to fall into it.
      for (const trap of form.querySelectorAll(".trap")) trap.style.setProperty("display", "none");
      form.append(status); // before it says anything, or screen readers pass over its first words
      listen(form, "submit", (event) => {
        if (event.defaultPrevented) return; // the page's own script stopped it
        event.preventDefault();
        if (sending) return;
        sending = true;
        send().catch(() => { if (!sent) sendPlainly(); }).finally(() => { sending = false; });
      });
      // On the document: controls may belong to the form from outside it.
      listen(document, "input", ({ target }) => {
        if (target.form !== form) return;
        undo.get(target.name)?.();
        undo.delete(target.name);
        keepDraft();
      });
      listen(document, "change", ({ target }) => { if (target.form === form) keepDraft(); });
      form.noValidate = true; // all messages come from one place, the API
      form.setAttribute("data-consultation-ready", "");
    } catch {
      release();
    }
  }

  function start() {
    const needed = [window.fetch, window.FormData, window.AbortController, window.crypto?.getRandomValues];
    if (!needed.every(Boolean)) return;
    const forms = document.querySelectorAll("form[data-consultation-form]:not([data-consultation-ready])");
    forms.forEach((form, index) => attempt(() => takeOver(form, index)));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

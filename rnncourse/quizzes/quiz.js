
(function () {
  // names for screen readers, once jupyterquiz has drawn its questions
  function name_parts() {
    const quiz = document.getElementById("ELEMENT");
    if (!quiz || !quiz.querySelector(".Quiz")) { setTimeout(name_parts, 200); return; }
    quiz.querySelectorAll(".Quiz").forEach((question) => {
      const answers = question.querySelector(".Answer");
      answers.setAttribute("role", "radiogroup");
      answers.setAttribute("aria-labelledby", question.querySelector("[id^=quizQn]").id);
      question.querySelector(".Feedback").setAttribute("aria-live", "polite");
    });
    hide_predicted(quiz);
  }
  // in a page: what a prediction is about stays hidden until the prediction is made
  function hide_predicted(quiz) {
    const box = quiz.closest(".rnncourse-quiz");
    if (!box.dataset.quiz.startsWith("predict-")) return;
    const cell = box.closest("div.cell");
    let next = cell && cell.nextElementSibling;
    while (next && !next.classList.contains("cell")) next = next.nextElementSibling;
    if (!next || !next.classList.contains("tag_predicted")) return;
    const output = next.querySelector(".cell_output");
    if (!output) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rnncourse-reveal";
    button.textContent = "Predict above, then see the output (or show it now)";
    const reveal = () => { output.classList.remove("rnncourse-hidden"); button.remove(); };
    button.addEventListener("click", reveal);
    quiz.addEventListener("click", (event) => {
      if (event.target.closest(".MCButton")) reveal();
    });
    output.classList.add("rnncourse-hidden");
    output.before(button);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", name_parts);
  } else { name_parts(); }
})();

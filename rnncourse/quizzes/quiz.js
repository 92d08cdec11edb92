
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
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", name_parts);
  } else { name_parts(); }
})();

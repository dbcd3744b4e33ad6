#include "daemon/definitions/framework_text.hpp"

namespace penstock::definitions {

using core::declared::Bounds;
using core::declared::Shape;

namespace {

const Bounds line{.min_length = 1, .max_length = 300};

}  // namespace

const Shape<FrameworkMetadata>& FrameworkMetadata::shape() {
  using M = FrameworkMetadata;
  static const auto shape =
      Shape<M>("FrameworkMetadata", "What the framework is called, and which text of it this is.")
          .required("name", &M::name, "The framework's name; with its version unique among the frameworks.")
          .required("version", &M::version, "Of the framework's text; in quotes where it looks like a number.",
                    {.min_length = 1, .max_length = 40});
  return shape;
}

const Shape<ClauseEvidenceText>& ClauseEvidenceText::shape() {
  using E = ClauseEvidenceText;
  static const auto shape =
      Shape<E>("ClauseEvidence", "One thing that speaks for a clause: `gates` or `fact`, one of the two.")
          .optional("gates", &E::gates, "Kinds of gates; those of the policy that are of one of them must have passed.",
                    {.min_length = 1, .max_length = 20})
          .optional("named", &E::named, "Only gates whose name matches this pattern with `*` and `?`.",
                    {.max_length = 100})
          .optional("fact", &E::fact, "What else must be so.")
          .required("shows", &E::shows, "What of the clause it shows, in a few words.", line);
  return shape;
}

const Shape<ClauseText>& ClauseText::shape() {
  using C = ClauseText;
  static const auto shape =
      Shape<C>("Clause", "One clause, and what of a promotion speaks for it.")
          .required("id", &C::id, "As the framework's text numbers it; unique in the framework.",
                    {.min_length = 1, .max_length = 60})
          .required("title", &C::title, "What it is about, in words of your own.", line)
          .required("evidence", &C::evidence, "The clause's score is the share of these that a promotion shows.",
                    {.min_length = 1, .max_length = 20});
  return shape;
}

const Shape<FrameworkText>& FrameworkText::shape() {
  using F = FrameworkText;
  static const auto shape =
      Shape<F>("FrameworkSpec", "What promotions are held against in their dossiers.")
          .required("title", &F::title, "Its full name.", line)
          .required("owner", &F::owner, "Who publishes it.", line)
          .required("source", &F::source, "Where its text is: an address that begins with `https://`.", line)
          .required("read", &F::read, "The day on which the clauses were last compared with a text: YYYY-MM-DD.",
                    {.min_length = 10, .max_length = 10})
          .optional("effective", &F::effective, "Since when it is to be kept: YYYY-MM-DD.",
                    {.min_length = 10, .max_length = 10})
          .optional("note", &F::note, "What a reader should know: whom it binds, what was left out.",
                    {.max_length = 2000})
          .required("clauses", &F::clauses, "In the order of the text.", {.min_length = 1, .max_length = 300});
  return shape;
}

}  // namespace penstock::definitions

// scikit-learn 1.0 to 1.9: public estimators, and the objects that fitted ones hold. An estimator is made empty and
// given its state; its parameters can only hold what is listed itself. Classes that wrap a caller's function
// (PyFuncDistance) are left out.
#include "plugins/gates/security_signoff/allow_list.hpp"

namespace penstock::gates::security {
namespace {

constexpr unsigned estimator = use_make | use_build | use_type;
// Cython classes, which write themselves as a call.
constexpr unsigned extension = use_call | use_make | use_build | use_type;

constexpr AllowedGroup groups[] = {
    {"sklearn._loss.link", estimator, Arguments::any,
     "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit"},
    {"sklearn._loss.loss", estimator, Arguments::any,
     "AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss "
     "HalfSquaredError HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss"},
    {"sklearn.calibration", estimator, Arguments::any,
     "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling"},
    {"sklearn.cluster._affinity_propagation", estimator, Arguments::any, "AffinityPropagation"},
    {"sklearn.cluster._agglomerative", estimator, Arguments::any, "AgglomerativeClustering FeatureAgglomeration"},
    {"sklearn.cluster._bicluster", estimator, Arguments::any, "SpectralBiclustering SpectralCoclustering"},
    {"sklearn.cluster._birch", estimator, Arguments::any, "Birch"},
    {"sklearn.cluster._bisect_k_means", estimator, Arguments::any, "BisectingKMeans"},
    {"sklearn.cluster._dbscan", estimator, Arguments::any, "DBSCAN"},
    {"sklearn.cluster._hdbscan.hdbscan", estimator, Arguments::any, "HDBSCAN"},
    {"sklearn.cluster._kmeans", estimator, Arguments::any, "KMeans MiniBatchKMeans"},
    {"sklearn.cluster._mean_shift", estimator, Arguments::any, "MeanShift"},
    {"sklearn.cluster._optics", estimator, Arguments::any, "OPTICS"},
    {"sklearn.cluster._spectral", estimator, Arguments::any, "SpectralClustering"},
    {"sklearn.compose._column_transformer", estimator, Arguments::any, "ColumnTransformer _RemainderColsList"},
    {"sklearn.compose._target", estimator, Arguments::any, "TransformedTargetRegressor"},
    {"sklearn.covariance._elliptic_envelope", estimator, Arguments::any, "EllipticEnvelope"},
    {"sklearn.covariance._empirical_covariance", estimator, Arguments::any, "EmpiricalCovariance"},
    {"sklearn.covariance._graph_lasso", estimator, Arguments::any, "GraphicalLasso GraphicalLassoCV"},
    {"sklearn.covariance._robust_covariance", estimator, Arguments::any, "MinCovDet"},
    {"sklearn.covariance._shrunk_covariance", estimator, Arguments::any, "LedoitWolf OAS ShrunkCovariance"},
    {"sklearn.cross_decomposition._pls", estimator, Arguments::any, "CCA PLSCanonical PLSRegression PLSSVD"},
    {"sklearn.decomposition._dict_learning", estimator, Arguments::any,
     "DictionaryLearning MiniBatchDictionaryLearning SparseCoder"},
    {"sklearn.decomposition._factor_analysis", estimator, Arguments::any, "FactorAnalysis"},
    {"sklearn.decomposition._fastica", estimator, Arguments::any, "FastICA"},
    {"sklearn.decomposition._incremental_pca", estimator, Arguments::any, "IncrementalPCA"},
    {"sklearn.decomposition._kernel_pca", estimator, Arguments::any, "KernelPCA"},
    {"sklearn.decomposition._lda", estimator, Arguments::any, "LatentDirichletAllocation"},
    {"sklearn.decomposition._nmf", estimator, Arguments::any, "MiniBatchNMF NMF"},
    {"sklearn.decomposition._pca", estimator, Arguments::any, "PCA"},
    {"sklearn.decomposition._sparse_pca", estimator, Arguments::any, "MiniBatchSparsePCA SparsePCA"},
    {"sklearn.decomposition._truncated_svd", estimator, Arguments::any, "TruncatedSVD"},
    {"sklearn.discriminant_analysis", estimator, Arguments::any,
     "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis"},
    {"sklearn.dummy", estimator, Arguments::any, "DummyClassifier DummyRegressor"},
    {"sklearn.ensemble._bagging", estimator, Arguments::any, "BaggingClassifier BaggingRegressor"},
    {"sklearn.ensemble._forest", estimator, Arguments::any,
     "ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor "
     "RandomTreesEmbedding"},
    {"sklearn.ensemble._gb", estimator, Arguments::any, "GradientBoostingClassifier GradientBoostingRegressor"},
    {"sklearn.ensemble._gb_losses", estimator, Arguments::any,
     "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError "
     "MultinomialDeviance QuantileLossFunction"},
    {"sklearn.ensemble._hist_gradient_boosting.binning", estimator, Arguments::any, "_BinMapper"},
    {"sklearn.ensemble._hist_gradient_boosting.gradient_boosting", estimator, Arguments::any,
     "HistGradientBoostingClassifier HistGradientBoostingRegressor"},
    {"sklearn.ensemble._hist_gradient_boosting.predictor", estimator, Arguments::any, "TreePredictor"},
    {"sklearn.ensemble._iforest", estimator, Arguments::any, "IsolationForest"},
    {"sklearn.ensemble._stacking", estimator, Arguments::any, "StackingClassifier StackingRegressor"},
    {"sklearn.ensemble._voting", estimator, Arguments::any, "VotingClassifier VotingRegressor"},
    {"sklearn.ensemble._weight_boosting", estimator, Arguments::any, "AdaBoostClassifier AdaBoostRegressor"},
    {"sklearn.feature_extraction._dict_vectorizer", estimator, Arguments::any, "DictVectorizer"},
    {"sklearn.feature_extraction._hash", estimator, Arguments::any, "FeatureHasher"},
    {"sklearn.feature_extraction.image", estimator, Arguments::any, "PatchExtractor"},
    {"sklearn.feature_extraction.text", estimator, Arguments::any,
     "CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer"},
    {"sklearn.feature_selection._from_model", estimator, Arguments::any, "SelectFromModel"},
    {"sklearn.feature_selection._rfe", estimator, Arguments::any, "RFE RFECV"},
    {"sklearn.feature_selection._sequential", estimator, Arguments::any, "SequentialFeatureSelector"},
    {"sklearn.feature_selection._univariate_selection", estimator, Arguments::any,
     "GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest SelectPercentile"},
    {"sklearn.feature_selection._variance_threshold", estimator, Arguments::any, "VarianceThreshold"},
    {"sklearn.frozen._frozen", estimator, Arguments::any, "FrozenEstimator"},
    {"sklearn.gaussian_process._gpc", estimator, Arguments::any,
     "GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace"},
    {"sklearn.gaussian_process._gpr", estimator, Arguments::any, "GaussianProcessRegressor"},
    {"sklearn.gaussian_process.kernels", estimator, Arguments::any,
     "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Hyperparameter Matern "
     "PairwiseKernel Product RBF RationalQuadratic Sum WhiteKernel"},
    {"sklearn.impute._base", estimator, Arguments::any, "MissingIndicator SimpleImputer"},
    {"sklearn.impute._knn", estimator, Arguments::any, "KNNImputer"},
    {"sklearn.isotonic", estimator, Arguments::any, "IsotonicRegression"},
    {"sklearn.kernel_approximation", estimator, Arguments::any,
     "AdditiveChi2Sampler Nystroem PolynomialCountSketch RBFSampler SkewedChi2Sampler"},
    {"sklearn.kernel_ridge", estimator, Arguments::any, "KernelRidge"},
    {"sklearn.linear_model._base", estimator, Arguments::any, "LinearRegression"},
    {"sklearn.linear_model._bayes", estimator, Arguments::any, "ARDRegression BayesianRidge"},
    {"sklearn.linear_model._coordinate_descent", estimator, Arguments::any,
     "ElasticNet ElasticNetCV Lasso LassoCV MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso "
     "MultiTaskLassoCV"},
    {"sklearn.linear_model._glm.glm", estimator, Arguments::any, "GammaRegressor PoissonRegressor TweedieRegressor"},
    {"sklearn.linear_model._huber", estimator, Arguments::any, "HuberRegressor"},
    {"sklearn.linear_model._least_angle", estimator, Arguments::any, "Lars LarsCV LassoLars LassoLarsCV LassoLarsIC"},
    {"sklearn.linear_model._logistic", estimator, Arguments::any, "LogisticRegression LogisticRegressionCV"},
    {"sklearn.linear_model._omp", estimator, Arguments::any, "OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV"},
    {"sklearn.linear_model._passive_aggressive", estimator, Arguments::any,
     "PassiveAggressiveClassifier PassiveAggressiveRegressor"},
    {"sklearn.linear_model._perceptron", estimator, Arguments::any, "Perceptron"},
    {"sklearn.linear_model._quantile", estimator, Arguments::any, "QuantileRegressor"},
    {"sklearn.linear_model._ransac", estimator, Arguments::any, "RANSACRegressor"},
    {"sklearn.linear_model._ridge", estimator, Arguments::any, "Ridge RidgeCV RidgeClassifier RidgeClassifierCV"},
    {"sklearn.linear_model._stochastic_gradient", estimator, Arguments::any,
     "SGDClassifier SGDOneClassSVM SGDRegressor"},
    {"sklearn.linear_model._theil_sen", estimator, Arguments::any, "TheilSenRegressor"},
    {"sklearn.manifold._classical_mds", estimator, Arguments::any, "ClassicalMDS"},
    {"sklearn.manifold._isomap", estimator, Arguments::any, "Isomap"},
    {"sklearn.manifold._locally_linear", estimator, Arguments::any, "LocallyLinearEmbedding"},
    {"sklearn.manifold._mds", estimator, Arguments::any, "MDS"},
    {"sklearn.manifold._spectral_embedding", estimator, Arguments::any, "SpectralEmbedding"},
    {"sklearn.manifold._t_sne", estimator, Arguments::any, "TSNE"},
    {"sklearn.metrics._scorer", estimator, Arguments::any,
     "_MultimetricScorer _PassthroughScorer _PredictScorer _ProbaScorer _Scorer _ThresholdScorer"},
    {"sklearn.mixture._bayesian_mixture", estimator, Arguments::any, "BayesianGaussianMixture"},
    {"sklearn.mixture._gaussian_mixture", estimator, Arguments::any, "GaussianMixture"},
    {"sklearn.model_selection._classification_threshold", estimator, Arguments::any,
     "FixedThresholdClassifier TunedThresholdClassifierCV"},
    {"sklearn.model_selection._search", estimator, Arguments::any, "GridSearchCV RandomizedSearchCV"},
    {"sklearn.model_selection._split", estimator, Arguments::any,
     "GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut LeavePGroupsOut LeavePOut "
     "PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold "
     "StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit _CVIterableWrapper"},
    {"sklearn.multiclass", estimator, Arguments::any,
     "OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier _ConstantPredictor"},
    {"sklearn.multioutput", estimator, Arguments::any,
     "ClassifierChain MultiOutputClassifier MultiOutputRegressor RegressorChain"},
    {"sklearn.naive_bayes", estimator, Arguments::any,
     "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB"},
    {"sklearn.neighbors._classification", estimator, Arguments::any, "KNeighborsClassifier RadiusNeighborsClassifier"},
    {"sklearn.neighbors._graph", estimator, Arguments::any, "KNeighborsTransformer RadiusNeighborsTransformer"},
    {"sklearn.neighbors._kde", estimator, Arguments::any, "KernelDensity"},
    {"sklearn.neighbors._lof", estimator, Arguments::any, "LocalOutlierFactor"},
    {"sklearn.neighbors._nca", estimator, Arguments::any, "NeighborhoodComponentsAnalysis"},
    {"sklearn.neighbors._nearest_centroid", estimator, Arguments::any, "NearestCentroid"},
    {"sklearn.neighbors._regression", estimator, Arguments::any, "KNeighborsRegressor RadiusNeighborsRegressor"},
    {"sklearn.neighbors._unsupervised", estimator, Arguments::any, "NearestNeighbors"},
    {"sklearn.neural_network._multilayer_perceptron", estimator, Arguments::any, "MLPClassifier MLPRegressor"},
    {"sklearn.neural_network._rbm", estimator, Arguments::any, "BernoulliRBM"},
    {"sklearn.neural_network._stochastic_optimizers", estimator, Arguments::any, "AdamOptimizer SGDOptimizer"},
    {"sklearn.pipeline", estimator, Arguments::any, "FeatureUnion Pipeline"},
    {"sklearn.preprocessing._data", estimator, Arguments::any,
     "Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer QuantileTransformer "
     "RobustScaler StandardScaler"},
    {"sklearn.preprocessing._discretization", estimator, Arguments::any, "KBinsDiscretizer"},
    {"sklearn.preprocessing._encoders", estimator, Arguments::any, "OneHotEncoder OrdinalEncoder"},
    {"sklearn.preprocessing._function_transformer", estimator, Arguments::any, "FunctionTransformer"},
    {"sklearn.preprocessing._label", estimator, Arguments::any, "LabelBinarizer LabelEncoder MultiLabelBinarizer"},
    {"sklearn.preprocessing._polynomial", estimator, Arguments::any, "PolynomialFeatures SplineTransformer"},
    {"sklearn.preprocessing._target_encoder", estimator, Arguments::any, "TargetEncoder"},
    {"sklearn.random_projection", estimator, Arguments::any, "GaussianRandomProjection SparseRandomProjection"},
    {"sklearn.semi_supervised._label_propagation", estimator, Arguments::any, "LabelPropagation LabelSpreading"},
    {"sklearn.semi_supervised._self_training", estimator, Arguments::any, "SelfTrainingClassifier"},
    {"sklearn.svm._classes", estimator, Arguments::any, "LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR"},
    {"sklearn.tree._classes", estimator, Arguments::any,
     "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor"},

    {"sklearn.utils._bunch", estimator | use_set_item, Arguments::any, "Bunch"},
    {"sklearn.utils", estimator | use_set_item, Arguments::any, "Bunch"},
    {"sklearn.tree._tree", extension, Arguments::any, "Tree"},
    {"sklearn._loss._loss", extension, Arguments::any,
     "CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss "
     "CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss"},
    {"sklearn._loss._loss", use_call | use_build, Arguments::first_is_type, "__pyx_unpickle_CyHalfMultinomialLoss"},
    {"sklearn.linear_model._sgd_fast", extension, Arguments::any,
     "EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge SquaredLoss"},
    {"sklearn.metrics._dist_metrics", use_call | use_build, Arguments::first_is_type, "newObj"},
    {"sklearn.metrics._dist_metrics", extension, Arguments::any,
     "EuclideanDistance ManhattanDistance ChebyshevDistance MinkowskiDistance HammingDistance HaversineDistance "
     "EuclideanDistance64 ManhattanDistance64 ChebyshevDistance64 MinkowskiDistance64 SEuclideanDistance64 "
     "MahalanobisDistance64 HammingDistance64 CanberraDistance64 BrayCurtisDistance64 JaccardDistance64 "
     "HaversineDistance64 "
     "EuclideanDistance32 ManhattanDistance32 ChebyshevDistance32 MinkowskiDistance32 SEuclideanDistance32 "
     "MahalanobisDistance32 HammingDistance32 CanberraDistance32 BrayCurtisDistance32 JaccardDistance32 "
     "HaversineDistance32"},
    {"sklearn.neighbors._kd_tree", use_call | use_build, Arguments::first_is_type, "newObj"},
    {"sklearn.neighbors._kd_tree", extension, Arguments::any, "KDTree KDTree32 KDTree64"},
    {"sklearn.neighbors._ball_tree", use_call | use_build, Arguments::first_is_type, "newObj"},
    {"sklearn.neighbors._ball_tree", extension, Arguments::any, "BallTree BallTree32 BallTree64"},

    // Functions of arrays that are parameters of selectors and scorers.
    {"sklearn.feature_selection._univariate_selection", use_value, Arguments::any,
     "chi2 f_classif f_oneway f_regression r_regression"},
    {"sklearn.feature_selection._mutual_info", use_value, Arguments::any, "mutual_info_classif mutual_info_regression"},
    {"sklearn.metrics._classification", use_value, Arguments::any,
     "accuracy_score balanced_accuracy_score brier_score_loss cohen_kappa_score f1_score fbeta_score hamming_loss "
     "jaccard_score log_loss matthews_corrcoef precision_score recall_score zero_one_loss"},
    {"sklearn.metrics._ranking", use_value, Arguments::any,
     "average_precision_score roc_auc_score top_k_accuracy_score"},
    {"sklearn.metrics._regression", use_value, Arguments::any,
     "d2_absolute_error_score explained_variance_score max_error mean_absolute_error mean_absolute_percentage_error "
     "mean_gamma_deviance mean_pinball_loss mean_poisson_deviance mean_squared_error mean_squared_log_error "
     "median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error"},
    {"sklearn.metrics.pairwise", use_value, Arguments::any,
     "cosine_distances cosine_similarity euclidean_distances laplacian_kernel linear_kernel manhattan_distances "
     "polynomial_kernel rbf_kernel sigmoid_kernel"},
};

}  // namespace

std::span<const AllowedGroup> allowed_sklearn() { return groups; }

}  // namespace penstock::gates::security

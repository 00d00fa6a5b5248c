import statistics
from statistics import NormalDist, correlation, covariance, geometric_mean, harmonic_mean, linear_regression, median_high, median_low, pstdev, pvariance, variance

x, y = [1, 2, 3, 4, 5], [2.1, 3.9, 6.2, 7.8, 10.1]
line = linear_regression(x, y)
normal = NormalDist(100, 15)
try:
    statistics.mean([])
except statistics.StatisticsError as error:
    message = str(error)
[round(line.slope, 4), round(line.intercept, 4), round(correlation(x, y), 5), round(covariance(x, y), 4), round(normal.cdf(115), 4), round(normal.inv_cdf(0.5), 2), round(geometric_mean([1, 10, 100]), 6), harmonic_mean([40, 60]), median_low([1, 2, 3, 4]), median_high([1, 2, 3, 4]), round(pstdev(x), 5), variance(x), pvariance(x), message, round(normal.zscore(130), 1)]
